import { hierarchy, treemap } from 'd3-hierarchy';
import type { PicturePart } from '#shared/contract/contents';

/** Rectangle of the inherited or added bytes of a part, in pixels. */
export interface TreemapCell {
  part: PicturePart;
  own: boolean;
  x: number;
  y: number;
  width: number;
  height: number;
}

interface Branch {
  path: string;
  part: PicturePart | null;
  children: Branch[];
}

interface Item {
  path: string;
  value: number;
  leaf: { part: PicturePart; own: boolean } | null;
  children: Item[];
}

/** Minimum share of the area for added files, so that they stay visible. */
const MIN_OWN_SHARE = 0.012;
/** Gaps between rectangles in pixels, by depth. */
const GAPS = [3, 2, 1] as const;

/** Lays out parts as nested rectangles with areas by size. Deterministic for the same parts. */
export function layOutTreemap(
  parts: readonly PicturePart[],
  width: number,
  height: number,
): TreemapCell[] {
  const total = parts.reduce((sum, part) => sum + part.inheritedBytes + part.ownBytes, 0);
  if (total === 0) return [];
  const root = hierarchy(
    itemOf(branchesOf(parts), total * MIN_OWN_SHARE),
    ({ children }) => children,
  )
    .sum(({ value }) => value)
    .sort((a, b) => (b.value ?? 0) - (a.value ?? 0) || (a.data.path < b.data.path ? -1 : 1));
  const placed = treemap<Item>()
    .size([width, height])
    .paddingInner(({ depth }) => GAPS[Math.min(depth, GAPS.length - 1)] ?? 1)
    .round(true)(root);
  return placed.leaves().flatMap(({ data: { leaf }, x0, y0, x1, y1 }) => {
    const cell = { x: x0, y: y0, width: x1 - x0, height: y1 - y0 };
    return leaf && cell.width > 0 && cell.height > 0 ? [{ ...leaf, ...cell }] : [];
  });
}

/** Builds the folder tree of the parts. */
function branchesOf(parts: readonly PicturePart[]): Branch {
  const root: Branch = { path: '/', part: null, children: [] };
  const byPath = new Map([['/', root]]);
  const branchAt = (path: string): Branch => {
    const known = byPath.get(path);
    if (known) return known;
    const branch: Branch = { path, part: null, children: [] };
    byPath.set(path, branch);
    branchAt(path.slice(0, path.lastIndexOf('/')) || '/').children.push(branch);
    return branch;
  };
  for (const part of parts) branchAt(part.path).part = part;
  return root;
}

function itemOf({ path, part, children }: Branch, minOwn: number): Item {
  const items = children.map((child) => itemOf(child, minOwn));
  if (part) {
    const { inheritedBytes, ownBytes } = part;
    const item = { path, children: [] };
    // Added and inherited bytes of a part are siblings, so that they stay adjacent.
    if (ownBytes > 0) {
      const value = inheritedBytes > 0 ? Math.max(ownBytes, minOwn) : ownBytes;
      items.push({ ...item, value, leaf: { part, own: true } });
    }
    if (inheritedBytes > 0) {
      items.push({ ...item, value: inheritedBytes, leaf: { part, own: false } });
    }
  }
  // A folder with a single child is replaced by it, to avoid an invisible level.
  const [only] = items;
  if (items.length === 1 && only) return only;
  return { path, value: 0, leaf: null, children: items };
}

/** Cell at a point; null between cells. */
export function cellAt(cells: readonly TreemapCell[], x: number, y: number): TreemapCell | null {
  return (
    cells.find(
      (cell) => x >= cell.x && x < cell.x + cell.width && y >= cell.y && y < cell.y + cell.height,
    ) ?? null
  );
}
