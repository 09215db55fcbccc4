import { hierarchy, tree } from 'd3-hierarchy';
import type { LineageItem, LineageNode } from '#shared/lineageTree';

/** Node size in pixels, matching lineage.css. */
export const NODE_WIDTH = 176;
export const NODE_HEIGHT = 44;
const COLUMN = NODE_WIDTH + 28;
const ROW = NODE_HEIGHT + 8;
/** Space for the focus ring, in pixels. */
export const MARGIN = 4;

/** Node with its position and its ARIA tree attributes. */
export interface PlacedNode {
  key: string;
  item: LineageItem;
  /** Upper left corner in pixels. */
  left: number;
  top: number;
  /** ARIA level, position and set size, from 1. */
  level: number;
  position: number;
  setSize: number;
  parentKey: string | null;
  firstChildKey: string | null;
}

export interface LineageLayout {
  /** Nodes in preorder. */
  nodes: PlacedNode[];
  /** SVG paths from parents to children. */
  links: Array<{ key: string; path: string }>;
  width: number;
  height: number;
}

/** Lays out a tree with generations as columns, from left to right. */
export function layOut(root: LineageNode): LineageLayout {
  const placed = tree<LineageNode>()
    .nodeSize([ROW, COLUMN])
    .separation((a, b) => (a.parent === b.parent ? 1 : 1.2))(hierarchy(root));
  const all = preorder(placed);
  const highest = all.reduce((least, { x }) => Math.min(least, x), 0);
  const nodes = all.map((node) => ({
    key: node.data.key,
    item: node.data.item,
    left: node.y + MARGIN,
    top: node.x - highest + MARGIN,
    level: node.depth + 1,
    position: (node.parent?.children?.indexOf(node) ?? 0) + 1,
    setSize: node.parent?.children?.length ?? 1,
    parentKey: node.parent?.data.key ?? null,
    firstChildKey: node.children?.[0]?.data.key ?? null,
  }));
  return {
    nodes,
    links: placed.links().map(({ source, target }) => ({
      key: target.data.key,
      path: linkPath(
        [source.y + MARGIN + NODE_WIDTH, source.x - highest + MARGIN + NODE_HEIGHT / 2],
        [target.y + MARGIN, target.x - highest + MARGIN + NODE_HEIGHT / 2],
      ),
    })),
    width: Math.max(...nodes.map(({ left }) => left)) + NODE_WIDTH + MARGIN,
    height: Math.max(...nodes.map(({ top }) => top)) + NODE_HEIGHT + MARGIN,
  };
}

type Point = [x: number, y: number];

function linkPath([fromX, fromY]: Point, [toX, toY]: Point): string {
  const middle = (fromX + toX) / 2;
  return `M${fromX} ${fromY} C${middle} ${fromY} ${middle} ${toY} ${toX} ${toY}`;
}

function preorder<T extends { children?: T[] }>(root: T): T[] {
  const all: T[] = [];
  const stack = [root];
  for (let node = stack.pop(); node; node = stack.pop()) {
    all.push(node);
    if (node.children) stack.push(...[...node.children].reverse());
  }
  return all;
}
