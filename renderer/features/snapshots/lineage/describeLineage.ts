import type { LineageItem } from '#shared/lineageTree';
import { sandboxStateText } from '../../common/describeSandbox';
import { originText, snapshotTitle } from '../../common/describeSnapshot';

const singular = { snapshots: 'snapshot', sandboxes: 'sandbox' };

/** What a node is called. */
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

/** All that a node is, for those who hear it. */
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

/** What the pointer finds over a node. */
export function itemTooltip(item: LineageItem): string {
  const title = itemTitle(item);
  switch (item.kind) {
    case 'snapshot':
      return `${title}, ${originText(item.snapshot)}`;
    case 'deleted':
      return 'It was deleted; what was captured from it is still there.';
    case 'earlier':
      return 'Open the nearest of them';
    case 'more':
      return `Show more ${item.of}`;
    default:
      return title;
  }
}

type SnapshotItem = Extract<LineageItem, { kind: 'snapshot' }>;

/** Which of the versions of its name it is; null for the only one, and for one with a tag. */
export function versionText({ version, snapshot }: SnapshotItem): string | null {
  if (version === null || version.of === 1 || snapshot.tag !== null) return null;
  return `version ${version.number} of ${version.of}`;
}

/** What it is other than ready. */
export function statusText({ snapshot: { status } }: SnapshotItem): string | null {
  return status === 'ready' ? null : status;
}
