const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** Formats bytes in binary units with three significant digits: `1.21 GiB`. */
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

/** Formats a count with thousands separators: `10,000`. */
export function formatCount(count: number): string {
  return counts.format(count);
}

/** Units of age with their size in seconds. */
const ageUnits = [
  [31_557_600, 'y'],
  [2_629_800, 'mo'],
  [604_800, 'w'],
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'min'],
] as const;

/** Formats the age of a time (both in milliseconds): `just now`, `5 min ago`, `2 mo ago`. */
export function formatAge(time: number, now: number): string {
  const seconds = (now - time) / 1000;
  for (const [size, unit] of ageUnits) {
    if (seconds >= size) return `${Math.floor(seconds / size)} ${unit} ago`;
  }
  return seconds < 10 ? 'just now' : `${Math.floor(seconds)} s ago`;
}

/** Formats a duration in seconds in its two largest units: `2 h 5 min`, or `2 h` if it is exact. */
export function formatDuration(totalSeconds: number): string {
  const seconds = Math.floor(totalSeconds);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return formatUnits(minutes, 'min', seconds % 60, 's');
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return formatUnits(hours, 'h', minutes % 60, 'min');
  return formatUnits(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

function formatUnits(major: number, unit: string, minor: number, minorUnit: string): string {
  return minor === 0 ? `${major} ${unit}` : `${major} ${unit} ${minor} ${minorUnit}`;
}

/** Major and minor version of an engine: `20.10` for `20.10.24+dfsg1`. */
export function shortVersion(version: string | null): string {
  return /^\d+\.\d+/.exec(version ?? '')?.[0] ?? version ?? '';
}
