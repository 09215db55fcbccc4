import type { Reclaimable, ReclaimChoice } from '#shared/contract/disk';

/** The kinds in the order in which the dialog has them. */
export const reclaimGroups: ReadonlyArray<{ kind: Reclaimable['kind']; label: string }> = [
  { kind: 'left-over', label: 'Left-overs' },
  { kind: 'stopped-sandbox', label: 'Stopped sandboxes' },
  { kind: 'unused-snapshot', label: 'Unused snapshots' },
];

/** What is ticked, by ids. */
export type Ticked = ReadonlySet<string>;

/** A snapshot can go only along with the stopped sandboxes that are based on it. */
export function canGo({ usedBy }: Reclaimable, ticked: Ticked): boolean {
  return usedBy.every((id) => ticked.has(id));
}

/** Ticks or unticks some; what cannot go without them is unticked too. */
export function tick(
  items: readonly Reclaimable[],
  ticked: Ticked,
  ids: readonly string[],
  on: boolean,
): Ticked {
  const next = new Set(ticked);
  for (const id of ids) {
    if (on) next.add(id);
    else next.delete(id);
  }
  for (const item of items) if (!canGo(item, next)) next.delete(item.id);
  return next;
}

export function choiceOf(items: readonly Reclaimable[], ticked: Ticked): Required<ReclaimChoice> {
  const ids = (kind: Reclaimable['kind']) =>
    items.filter((item) => item.kind === kind && ticked.has(item.id)).map(({ id }) => id);
  return {
    snapshotIds: ids('unused-snapshot'),
    sandboxIds: ids('stopped-sandbox'),
    leftOverIds: ids('left-over'),
  };
}
