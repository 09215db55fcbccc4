import { formatBytes } from './format';

/** How full a disk is told to be: from 80 % of the capacity on, and from 100 % on. */
export type CapacityLevel = 'fine' | 'filling' | 'full';

/** What is known of a sandbox's disk. */
export interface DiskUse {
  name: string;
  fsCapacityBytes: number | null;
  fsUsedBytes: number | null;
  capacityKind: 'hard' | 'soft' | null;
}

export function capacityLevel({ fsCapacityBytes, fsUsedBytes }: DiskUse): CapacityLevel {
  if (fsCapacityBytes === null || fsUsedBytes === null) return 'fine';
  if (fsUsedBytes >= fsCapacityBytes) return 'full';
  return fsUsedBytes >= 0.8 * fsCapacityBytes ? 'filling' : 'fine';
}

/** What to say of a disk that is filling or full, and what follows from it; null while it is fine. */
export function capacityWarning(use: DiskUse): string | null {
  const level = capacityLevel(use);
  if (level === 'full') {
    return use.capacityKind === 'hard'
      ? 'The disk is full: writes fail until files are deleted.'
      : 'The disk is full: delete files, or capture with a larger capacity.';
  }
  if (level === 'fine' || use.fsUsedBytes === null || use.fsCapacityBytes === null) return null;
  const left = formatBytes(use.fsCapacityBytes - use.fsUsedBytes);
  const share = Math.floor((use.fsUsedBytes / use.fsCapacityBytes) * 100);
  return `The disk is ${share} % full, ${left} are left.`;
}

/** The warning when a measurement takes a disk over 80 or 100 %; null when nothing new is to be told. */
export function newCapacityWarning(before: DiskUse | null, now: DiskUse): string | null {
  const ranks: Record<CapacityLevel, number> = { fine: 0, filling: 1, full: 2 };
  const rankBefore = before ? ranks[capacityLevel(before)] : 0;
  return ranks[capacityLevel(now)] > rankBefore ? capacityWarning(now) : null;
}
