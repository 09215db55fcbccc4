import type { PicturePart } from '#shared/contract/contents';
import type { Trees } from '../database';
import { compareTrees } from './comparison';
import { contentKindOf } from './contentKind';

/** Maximum number of cells that stay distinguishable on a card. */
const MAX_CELLS = 48;
/** Minimum size of a cell, as a fraction of the whole. */
const MIN_SHARE = 1 / 100;

/** A folder, until it is divided into its folders and a rest. */
interface Cell {
  path: string;
  treeId: number;
  bytes: number;
  /** True for the rest of a divided folder: entries without a cell of their own. */
  isRest: boolean;
}

/**
 * Returns the cells of a snapshot's picture in the order of their paths. Divides the largest folder
 * until there are enough cells; equal contents give equal cells. Without a parent, all bytes are the
 * snapshot's own.
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
  const minBytes = total * MIN_SHARE;
  const cells: Cell[] = [{ path: '/', treeId: rootId, bytes: total, isRest: false }];
  while (cells.length < MAX_CELLS) {
    const largest = cells
      .filter(({ isRest, bytes }) => !isRest && bytes > minBytes)
      .sort((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1))[0];
    if (!largest) break;
    largest.isRest = true;
    for (const { name, sizeBytes, subtreeId } of trees.entries(largest.treeId)) {
      if (subtreeId === null || sizeBytes < minBytes) continue;
      const path = largest.path === '/' ? `/${name}` : `${largest.path}/${name}`;
      cells.push({ path, treeId: subtreeId, bytes: sizeBytes, isRest: false });
      largest.bytes -= sizeBytes;
    }
  }
  return cells;
}

/** Returns the bytes of added and changed files, by cell path. */
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

/** Returns the innermost cell that contains a file. */
function cellOf(path: string, cells: ReadonlySet<string>): string {
  let folder = path;
  do {
    folder = folder.slice(0, folder.lastIndexOf('/'));
    if (cells.has(folder)) return folder;
  } while (folder !== '');
  return '/';
}
