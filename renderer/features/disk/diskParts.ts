import type { DiskUsage } from '#shared/contract/disk';

/** A part of what Docker has, as the bar shows it. */
export interface DiskPart {
  id: 'unique' | 'shared' | 'other' | 'sandboxes' | 'containers' | 'volumes' | 'theirs' | 'cache';
  label: string;
  /** What it is, in a sentence. */
  hint: string;
  bytes: number;
}

/** A line of `docker system df`, with the parts that it is the sum of. */
export interface DiskGroup {
  /** As Docker calls it. */
  label: string;
  bytes: number;
  parts: DiskPart[];
}

/** Everything that Docker has, in its own groups; each is the sum of its parts. */
export function diskGroups(usage: DiskUsage): DiskGroup[] {
  const { snapshots, sandboxes } = usage;
  return [
    group('Images', [
      {
        id: 'unique',
        label: 'Unique',
        hint: 'Layers that only one snapshot has: deleting that one frees them.',
        bytes: sum(snapshots.map(({ uniqueBytes }) => uniqueBytes)),
      },
      {
        id: 'shared',
        label: 'Shared',
        hint: 'Layers that a snapshot has in common with other snapshots or images, counted once.',
        bytes: usage.sharedBytes,
      },
      {
        id: 'other',
        label: 'Other images',
        hint: 'Layers of images that are no snapshots. Sandglass leaves those alone.',
        bytes: usage.otherImageBytes,
      },
    ]),
    group('Containers', [
      {
        id: 'sandboxes',
        label: 'Sandboxes',
        hint: 'What was written in sandboxes over their snapshots.',
        bytes: sum(sandboxes.map(({ writtenBytes }) => writtenBytes)),
      },
      {
        id: 'containers',
        label: 'Other containers',
        hint: 'Containers that are no sandboxes. Sandglass leaves those alone.',
        bytes: usage.otherContainerBytes,
      },
    ]),
    group('Volumes', [
      {
        id: 'volumes',
        label: 'Sandboxes’ volumes',
        hint: 'Their /tmp and their mounts.',
        bytes: sum(sandboxes.map(({ volumeBytes }) => volumeBytes)),
      },
      {
        id: 'theirs',
        label: 'Other volumes',
        hint: 'Volumes that are no sandbox’s. Sandglass leaves those alone.',
        bytes: usage.otherVolumeBytes,
      },
    ]),
    group('Build cache', [
      {
        id: 'cache',
        label: 'Docker’s own',
        hint: 'What Docker keeps of builds, to be faster next time: "docker builder prune" removes it.',
        bytes: usage.buildCacheBytes,
      },
    ]),
  ];
}

export function diskTotal(usage: DiskUsage): number {
  return sum(diskGroups(usage).map(({ bytes }) => bytes));
}

/** As `docker system df` writes sizes: four digits, in powers of 1000. */
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
