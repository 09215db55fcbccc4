/** Texts for people that the window and the tray write alike. */

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** Bytes in binary units with three significant digits: `1.21 GiB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(digits)} ${units[unit]}`;
}

const counts = new Intl.NumberFormat('en');

/** A number of things, in groups of three digits: `10,000`. */
export function formatCount(count: number): string {
  return counts.format(count);
}

/** Each unit of age with the seconds at which it begins. */
const ageUnits = [
  [31_557_600, 'y'],
  [2_629_800, 'mo'],
  [604_800, 'w'],
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'min'],
] as const;

/** How long ago a time was (both in milliseconds): `just now`, `5 min ago`, `2 mo ago`. */
export function formatAge(time: number, now: number): string {
  const seconds = (now - time) / 1000;
  for (const [size, unit] of ageUnits) {
    if (seconds >= size) return `${Math.floor(seconds / size)} ${unit} ago`;
  }
  return seconds < 10 ? 'just now' : `${Math.floor(seconds)} s ago`;
}

/** A length of time in seconds, in its two largest units: `2 h 5 min`; a whole one stands alone. */
export function formatDuration(totalSeconds: number): string {
  const seconds = Math.floor(totalSeconds);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return inTwo(minutes, 'min', seconds % 60, 's');
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return inTwo(hours, 'h', minutes % 60, 'min');
  return inTwo(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

function inTwo(whole: number, unit: string, rest: number, smaller: string): string {
  return rest === 0 ? `${whole} ${unit}` : `${whole} ${unit} ${rest} ${smaller}`;
}

/** The part of an engine's version that people know it by: `20.10` of `20.10.24+dfsg1`. */
export function shortVersion(version: string | null): string {
  return /^\d+\.\d+/.exec(version ?? '')?.[0] ?? version ?? '';
}
