import type { PicturePart } from '#shared/contract/contents';
import type { Trees } from '../database';
import { compareTrees } from './compareTrees';
import { contentKindOf } from './contentKind';

/** As many cells as one can still tell apart on a card. */
const MOST_CELLS = 48;
/** Of the whole: what is smaller is not split further. */
const LEAST_SHARE = 1 / 100;

/** A folder that is a cell, or will be divided into its folders and the rest. */
interface Cell {
  path: string;
  treeId: number;
  bytes: number;
  /** What is in it that has no cell of its own. */
  isRest: boolean;
}

/**
 * The cells of a snapshot's picture, by path: the largest folder is divided until there are enough. The
 * same contents give the same cells. Without a parent all bytes are the snapshot's own.
 */
export function drawPicture(
  trees: Trees,
  rootId: number,
  parentRootId: number | null,
): PicturePart[] {
  const cells = divide(trees, rootId);
  const own = parentRootId === null ? null : ownBytes(trees, parentRootId, rootId, cells);
  return cells
    .filter(({ bytes }) => bytes > 0)
    .map(({ path, bytes }) => {
      const ofOwn = own === null ? bytes : Math.min(bytes, own.get(path) ?? 0);
      return {
        path,
        kind: contentKindOf(path),
        inheritedBytes: bytes - ofOwn,
        ownBytes: ofOwn,
      };
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

function divide(trees: Trees, rootId: number): Cell[] {
  const total = trees.totals(rootId).sizeBytes;
  const least = total * LEAST_SHARE;
  const cells: Cell[] = [{ path: '/', treeId: rootId, bytes: total, isRest: false }];
  while (cells.length < MOST_CELLS) {
    const largest = cells
      .filter(({ isRest, bytes }) => !isRest && bytes > least)
      .sort((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1))[0];
    if (!largest) break;
    largest.isRest = true;
    for (const { name, sizeBytes, subtreeId } of trees.entries(largest.treeId)) {
      if (subtreeId === null || sizeBytes < least) continue;
      const path = largest.path === '/' ? `/${name}` : `${largest.path}/${name}`;
      cells.push({ path, treeId: subtreeId, bytes: sizeBytes, isRest: false });
      largest.bytes -= sizeBytes;
    }
  }
  return cells;
}

/** By the cells' paths: the bytes of files that are new or have other bytes. */
function ownBytes(
  trees: Trees,
  parentRootId: number,
  rootId: number,
  cells: readonly Cell[],
): Map<string, number> {
  const paths = new Set(cells.map(({ path }) => path));
  const own = new Map<string, number>();
  for (const { path, after, before, aspects } of compareTrees(trees, parentRootId, rootId)) {
    if (after?.kind !== 'file' || after.isHardLink) continue;
    if (before?.kind === 'file' && !aspects.includes('content')) continue;
    const cell = cellOf(path, paths);
    own.set(cell, (own.get(cell) ?? 0) + after.sizeBytes);
  }
  return own;
}

/** The innermost cell that a file is in. */
function cellOf(path: string, cells: ReadonlySet<string>): string {
  let folder = path;
  do {
    folder = folder.slice(0, folder.lastIndexOf('/'));
    if (cells.has(folder)) return folder;
  } while (folder !== '');
  return '/';
}
