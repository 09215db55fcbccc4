import type { Reclaimable, ReclaimChoice } from '#shared/contract/disk';

/** Groups of the dialog, in display order. */
export const reclaimGroups: ReadonlyArray<{ kind: Reclaimable['kind']; label: string }> = [
  { kind: 'left-over', label: 'Leftovers' },
  { kind: 'stopped-sandbox', label: 'Stopped sandboxes' },
  { kind: 'unused-snapshot', label: 'Unused snapshots' },
];

/** Ids of the selected objects. */
export type Selected = ReadonlySet<string>;

/** Whether an object can be deleted: all sandboxes based on it must be selected too. */
export function canDelete({ usedBy }: Reclaimable, selected: Selected): boolean {
  return usedBy.every((id) => selected.has(id));
}

/** Selects or deselects objects, and deselects those that can no longer be deleted. */
export function select(
  items: readonly Reclaimable[],
  selected: Selected,
  ids: readonly string[],
  on: boolean,
): Selected {
  const next = new Set(selected);
  for (const id of ids) {
    if (on) next.add(id);
    else next.delete(id);
  }
  for (const item of items) if (!canDelete(item, next)) next.delete(item.id);
  return next;
}

export function choiceOf(
  items: readonly Reclaimable[],
  selected: Selected,
): Required<ReclaimChoice> {
  const ids = (kind: Reclaimable['kind']) =>
    items.filter((item) => item.kind === kind && selected.has(item.id)).map(({ id }) => id);
  return {
    snapshotIds: ids('unused-snapshot'),
    sandboxIds: ids('stopped-sandbox'),
    leftOverIds: ids('left-over'),
  };
}
