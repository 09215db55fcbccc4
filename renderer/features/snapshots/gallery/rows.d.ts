import type { SnapshotVersions } from '#shared/versions';
import type { Family } from './families';
/** A row of the wall: a family's heading, or as many cards as fit beside each other. */
export type WallRow =
  | {
      kind: 'heading';
      key: string;
      title: string;
      count: number;
    }
  | {
      kind: 'cards';
      key: string;
      first: number;
      cards: SnapshotVersions[];
    };
export interface WallLayout {
  rows: WallRow[];
  /** All cards, in reading order. */
  cards: SnapshotVersions[];
  /** Of each card, the row that it is in. */
  rowOf: number[];
}
/** Breaks cards into rows; with families, each begins with a heading and a row of its own. */
export declare function layOutWall(
  content:
    | {
        groups: SnapshotVersions[];
      }
    | {
        families: Family[];
      },
  columns: number,
): WallLayout;
export type Move = 'left' | 'right' | 'up' | 'down' | 'first' | 'last' | 'page-up' | 'page-down';
/** The card that a key leads to from another one; both by their place in reading order. */
export declare function moveFrom(
  { rows, cards, rowOf }: WallLayout,
  from: number,
  move: Move,
  rowsOnPage: number,
): number;
