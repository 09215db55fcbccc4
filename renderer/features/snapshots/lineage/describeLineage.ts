import type { LineageItem } from '#shared/lineageTree';
import { sandboxStateText } from '../../common/describeSandbox';
import { originText, snapshotTitle } from '../../common/describeSnapshot';

const singular = { snapshots: 'snapshot', sandboxes: 'sandbox' };

/** Title of a node. */
export function itemTitle(item: LineageItem): string {
  switch (item.kind) {
    case 'image':
      return item.image;
    case 'snapshot':
      return snapshotTitle(item.snapshot);
    case 'deleted':
      return item.name ?? 'Deleted snapshot';
    case 'sandbox':
      return item.sandbox.name;
    case 'more':
      return `${item.count} more`;
    case 'earlier':
      return `${item.count} earlier`;
  }
}

/** Accessible name of a node. */
export function itemLabel(item: LineageItem): string {
  const title = itemTitle(item);
  switch (item.kind) {
    case 'image':
      return `${title}, image`;
    case 'snapshot':
      return [title, 'snapshot', versionText(item), statusText(item)].filter(Boolean).join(', ');
    case 'deleted':
      return item.name === null ? title : `${title}, deleted snapshot`;
    case 'sandbox':
      return `${title}, sandbox, ${sandboxStateText(item.sandbox)}`;
    case 'more':
      return `${title} ${item.count === 1 ? singular[item.of] : item.of}`;
    case 'earlier':
      return `${title} snapshots`;
  }
}

/** Tooltip of a node. */
export function itemTooltip(item: LineageItem): string {
  const title = itemTitle(item);
  switch (item.kind) {
    case 'snapshot':
      return `${title}, ${originText(item.snapshot)}`;
    case 'deleted':
      return 'Deleted. Snapshots captured from it are kept.';
    case 'earlier':
      return 'Open the nearest one';
    case 'more':
      return `Show more ${item.of}`;
    default:
      return title;
  }
}

type SnapshotItem = Extract<LineageItem, { kind: 'snapshot' }>;

/** Version number among those of its name; null for a single version and for tagged ones. */
export function versionText({ version, snapshot }: SnapshotItem): string | null {
  if (version === null || version.of === 1 || snapshot.tag !== null) return null;
  return `version ${version.number} of ${version.of}`;
}

/** Status of a snapshot; null if ready. */
export function statusText({ snapshot: { status } }: SnapshotItem): string | null {
  return status === 'ready' ? null : status;
}
