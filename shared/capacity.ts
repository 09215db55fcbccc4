import { formatBytes } from './format';

/** Warning level of a disk: `filling` from 80 % of the capacity, `full` from 100 %. */
export type CapacityLevel = 'fine' | 'filling' | 'full';

/** Measured disk usage of a sandbox. Bytes; null if unknown. */
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

/** Warning text for a disk that is filling or full; null while it is fine. */
export function capacityWarning(use: DiskUse): string | null {
  const level = capacityLevel(use);
  if (level === 'full') {
    return use.capacityKind === 'hard'
      ? 'The disk is full. Writes fail until you delete files.'
      : 'The disk is full. Delete files, or capture the sandbox with a larger capacity.';
  }
  if (level === 'fine' || use.fsUsedBytes === null || use.fsCapacityBytes === null) return null;
  const left = formatBytes(use.fsCapacityBytes - use.fsUsedBytes);
  const share = Math.floor((use.fsUsedBytes / use.fsCapacityBytes) * 100);
  return `The disk is ${share} % full; ${left} left.`;
}

/** Warning if a measurement raises the level above the previous one; null otherwise. */
export function newCapacityWarning(before: DiskUse | null, now: DiskUse): string | null {
  const ranks: Record<CapacityLevel, number> = { fine: 0, filling: 1, full: 2 };
  const rankBefore = before ? ranks[capacityLevel(before)] : 0;
  return ranks[capacityLevel(now)] > rankBefore ? capacityWarning(now) : null;
}
