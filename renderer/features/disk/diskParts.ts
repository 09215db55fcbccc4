import type { DiskUsage } from '#shared/contract/disk';

/** Segment of the usage bar. */
export interface DiskPart {
  id: 'unique' | 'shared' | 'other' | 'sandboxes' | 'containers' | 'volumes' | 'theirs' | 'cache';
  label: string;
  /** One sentence of explanation. */
  hint: string;
  bytes: number;
}

/** Line of `docker system df` and the segments that add up to it. */
export interface DiskGroup {
  /** Docker's name of the group. */
  label: string;
  bytes: number;
  parts: DiskPart[];
}

/** Docker's disk usage by its own groups. */
export function diskGroups(usage: DiskUsage): DiskGroup[] {
  const { snapshots, sandboxes } = usage;
  return [
    group('Images', [
      {
        id: 'unique',
        label: 'Unique',
        hint: 'Layers used by one snapshot only. Deleting that snapshot frees them.',
        bytes: sum(snapshots.map(({ uniqueBytes }) => uniqueBytes)),
      },
      {
        id: 'shared',
        label: 'Shared',
        hint: 'Layers that a snapshot shares with other snapshots or images, counted once.',
        bytes: usage.sharedBytes,
      },
      {
        id: 'other',
        label: 'Other images',
        hint: 'Layers of images that are not snapshots. Sandglass does not touch them.',
        bytes: usage.otherImageBytes,
      },
    ]),
    group('Containers', [
      {
        id: 'sandboxes',
        label: 'Sandboxes',
        hint: 'Files written in sandboxes on top of their snapshots.',
        bytes: sum(sandboxes.map(({ writtenBytes }) => writtenBytes)),
      },
      {
        id: 'containers',
        label: 'Other containers',
        hint: 'Containers that are not sandboxes. Sandglass does not touch them.',
        bytes: usage.otherContainerBytes,
      },
    ]),
    group('Volumes', [
      {
        id: 'volumes',
        label: 'Sandbox volumes',
        hint: 'The /tmp folders and mounts of sandboxes.',
        bytes: sum(sandboxes.map(({ volumeBytes }) => volumeBytes)),
      },
      {
        id: 'theirs',
        label: 'Other volumes',
        hint: 'Volumes that do not belong to a sandbox. Sandglass does not touch them.',
        bytes: usage.otherVolumeBytes,
      },
    ]),
    group('Build cache', [
      {
        id: 'cache',
        label: 'Build steps',
        hint: 'Build steps that Docker keeps to speed up later builds. "docker builder prune" removes them.',
        bytes: usage.buildCacheBytes,
      },
    ]),
  ];
}

export function diskTotal(usage: DiskUsage): number {
  return sum(diskGroups(usage).map(({ bytes }) => bytes));
}

/** Formats bytes like `docker system df`: four significant digits, powers of 1000. */
export function dockerSize(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${Number(value.toPrecision(4))}${units[unit]}`;
}

function group(label: string, parts: DiskPart[]): DiskGroup {
  return { label, parts, bytes: sum(parts.map(({ bytes }) => bytes)) };
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
