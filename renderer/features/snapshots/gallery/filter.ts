import type { Snapshot } from '#shared/contract/snapshots';
import { formatBytes } from '#shared/format';
import { originText, snapshotTitle } from '../../common/describeSnapshot';

/** How a snapshot came to be. Docker does not tell a Dockerfile's image from a file's. */
export const origins = ['image', 'captured', 'file'] as const;
export type Origin = (typeof origins)[number];

export const originLabels: Record<Origin, string> = {
  image: 'Built from an image',
  captured: 'Captured',
  file: 'From a Dockerfile or a file',
};

/** What the gallery is narrowed to; what is empty or null narrows nothing. */
export interface GalleryFilter {
  /** In the name or the origin. */
  text: string;
  origin: Origin | null;
  /** `name`, or `name=value`. */
  label: string;
  /** No sandbox boots from it. */
  unused: boolean;
  favourite: boolean;
  /** Bytes. */
  minBytes: number | null;
  maxBytes: number | null;
}

export const noFilter: GalleryFilter = {
  text: '',
  origin: null,
  label: '',
  unused: false,
  favourite: false,
  minBytes: null,
  maxBytes: null,
};

export function originOf({ image, sourceSandboxId, parentSnapshotId }: Snapshot): Origin {
  if (sourceSandboxId !== null || parentSnapshotId !== null) return 'captured';
  return image === null ? 'file' : 'image';
}

/** Makes the test for one filter, so that what is the same for all snapshots is done once. */
export function filterTest(filter: GalleryFilter): (snapshot: Snapshot) => boolean {
  const text = filter.text.trim().toLowerCase();
  const hasLabel = labelTest(filter.label);
  return (snapshot) =>
    (text === '' ||
      `${snapshotTitle(snapshot)} ${originText(snapshot)}`.toLowerCase().includes(text)) &&
    (filter.origin === null || originOf(snapshot) === filter.origin) &&
    (!filter.unused || snapshot.sandboxCount === 0) &&
    (!filter.favourite || snapshot.favourite) &&
    (filter.minBytes === null || (snapshot.sizeBytes ?? 0) >= filter.minBytes) &&
    (filter.maxBytes === null || (snapshot.sizeBytes ?? 0) <= filter.maxBytes) &&
    hasLabel(snapshot);
}

function labelTest(label: string): (snapshot: Snapshot) => boolean {
  const wanted = label.trim();
  if (wanted === '') return () => true;
  const at = wanted.indexOf('=', 1);
  if (at < 0) return ({ labels }) => Object.hasOwn(labels, wanted);
  const [name, value] = [wanted.slice(0, at).trim(), wanted.slice(at + 1).trim()];
  return ({ labels }) => Object.hasOwn(labels, name) && labels[name] === value;
}

export interface FilterChip {
  text: string;
  /** The change that takes it away. */
  without: Partial<GalleryFilter>;
}

/** What a filter says, piece by piece. */
export function filterChips(filter: GalleryFilter): FilterChip[] {
  const { text, origin, label, unused, favourite, minBytes, maxBytes } = filter;
  const chips: FilterChip[] = [];
  if (text.trim()) chips.push({ text: `“${text.trim()}”`, without: { text: '' } });
  if (origin) chips.push({ text: originLabels[origin], without: { origin: null } });
  if (label.trim()) chips.push({ text: `Label ${label.trim()}`, without: { label: '' } });
  if (unused) chips.push({ text: 'Unused', without: { unused: false } });
  if (favourite) chips.push({ text: 'Favourites', without: { favourite: false } });
  if (minBytes !== null) {
    chips.push({ text: `From ${formatBytes(minBytes)}`, without: { minBytes: null } });
  }
  if (maxBytes !== null) {
    chips.push({ text: `Up to ${formatBytes(maxBytes)}`, without: { maxBytes: null } });
  }
  return chips;
}
