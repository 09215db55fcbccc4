import type { Snapshot } from '#shared/contract/snapshots';
import { formatBytes } from '#shared/format';
import { originText, snapshotTitle } from '../../common/describeSnapshot';

/** Origins of snapshots. Images from Dockerfiles and from files cannot be told apart. */
export const origins = ['image', 'captured', 'file'] as const;
export type Origin = (typeof origins)[number];

export const originLabels: Record<Origin, string> = {
  image: 'Built from an image',
  captured: 'Captured',
  file: 'From a Dockerfile or a file',
};

/** Filter of the gallery. Empty and null values match everything. */
export interface GalleryFilter {
  /** Substring of the name or origin. */
  text: string;
  origin: Origin | null;
  /** `name`, or `name=value`. */
  label: string;
  /** Only snapshots that no sandbox uses. */
  unused: boolean;
  favourite: boolean;
  /** Size range in bytes. */
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

/** Compiles a filter into a predicate. */
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
  const query = label.trim();
  if (query === '') return () => true;
  const at = query.indexOf('=', 1);
  if (at < 0) return ({ labels }) => Object.hasOwn(labels, query);
  const [name, value] = [query.slice(0, at).trim(), query.slice(at + 1).trim()];
  return ({ labels }) => Object.hasOwn(labels, name) && labels[name] === value;
}

export interface FilterChip {
  text: string;
  /** Change of the filter that removes the chip. */
  removal: Partial<GalleryFilter>;
}

/** Active parts of a filter. */
export function filterChips(filter: GalleryFilter): FilterChip[] {
  const { text, origin, label, unused, favourite, minBytes, maxBytes } = filter;
  const chips: FilterChip[] = [];
  if (text.trim()) chips.push({ text: `“${text.trim()}”`, removal: { text: '' } });
  if (origin) chips.push({ text: originLabels[origin], removal: { origin: null } });
  if (label.trim()) chips.push({ text: `Label ${label.trim()}`, removal: { label: '' } });
  if (unused) chips.push({ text: 'Unused', removal: { unused: false } });
  if (favourite) chips.push({ text: 'Favourites', removal: { favourite: false } });
  if (minBytes !== null) {
    chips.push({ text: `From ${formatBytes(minBytes)}`, removal: { minBytes: null } });
  }
  if (maxBytes !== null) {
    chips.push({ text: `Up to ${formatBytes(maxBytes)}`, removal: { maxBytes: null } });
  }
  return chips;
}
