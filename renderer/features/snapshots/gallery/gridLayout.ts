import type { SnapshotVersions } from '#shared/versions';
import { snapshotCount } from './arrange';
import type { LineageGroup } from './lineageGroups';

/** Row of the grid: the heading of a lineage, or the cards that fit side by side. */
export type GridRow =
  | { kind: 'heading'; key: string; title: string; count: number }
  | { kind: 'cards'; key: string; first: number; cards: SnapshotVersions[] };

export interface GridLayout {
  rows: GridRow[];
  /** All cards in reading order. */
  cards: SnapshotVersions[];
  /** Row index of each card. */
  rowOf: number[];
}

/** Breaks cards into rows. Each lineage starts with a heading on a new row. */
export function layOutGrid(
  content: { groups: SnapshotVersions[] } | { lineages: LineageGroup[] },
  columns: number,
): GridLayout {
  const layout: GridLayout = { rows: [], cards: [], rowOf: [] };
  if ('groups' in content) addCards(layout, content.groups, columns);
  else {
    for (const { key, title, members } of content.lineages) {
      layout.rows.push({ kind: 'heading', key, title, count: snapshotCount(members) });
      addCards(layout, members, columns);
    }
  }
  return layout;
}

function addCards(layout: GridLayout, groups: SnapshotVersions[], columns: number): void {
  for (let at = 0; at < groups.length; at += columns) {
    const cards = groups.slice(at, at + columns);
    const first = layout.cards.length;
    for (const card of cards) {
      layout.cards.push(card);
      layout.rowOf.push(layout.rows.length);
    }
    layout.rows.push({ kind: 'cards', key: cards[0]?.name ?? '', first, cards });
  }
}

export type Move = 'left' | 'right' | 'up' | 'down' | 'first' | 'last' | 'page-up' | 'page-down';

/** Index of the card that a key moves to. Indexes are in reading order. */
export function moveFrom(
  { rows, cards, rowOf }: GridLayout,
  from: number,
  move: Move,
  rowsOnPage: number,
): number {
  const last = cards.length - 1;
  switch (move) {
    case 'left':
      return Math.max(0, from - 1);
    case 'right':
      return Math.min(last, from + 1);
    case 'first':
      return 0;
    case 'last':
      return last;
  }
  const step = move === 'up' || move === 'page-up' ? -1 : 1;
  let rowsLeft = move === 'up' || move === 'down' ? 1 : Math.max(1, rowsOnPage);
  const row = rowOf[from] ?? 0;
  const start = rows[row];
  const column = start?.kind === 'cards' ? from - start.first : 0;
  let target = from;
  for (let at = row + step; rowsLeft > 0 && at >= 0 && at < rows.length; at += step) {
    const next = rows[at];
    if (next?.kind !== 'cards') continue;
    target = next.first + Math.min(column, next.cards.length - 1);
    rowsLeft -= 1;
  }
  return target;
}
