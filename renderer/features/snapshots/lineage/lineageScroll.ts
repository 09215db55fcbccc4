import {
  type LineageLayout,
  MARGIN,
  NODE_HEIGHT,
  NODE_WIDTH,
  type PlacedNode,
} from './lineageLayout';

/** Width of the fade-out at the edges in pixels, matching ScrollEdges.css. */
const FADE = 24;

/** Visible part of the tree, in unscaled pixels. */
export interface View {
  left: number;
  top: number;
  width: number;
  height: number;
}

interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/**
 * Initial view of a node: as many of its ancestors as fit and, with space left, the start of its
 * descendants.
 */
export function initialView(layout: LineageLayout, key: string, view: View): View {
  const node = find(layout, key);
  if (!node) return view;
  let box = boxOf(node);
  for (let at = find(layout, node.parentKey); at; at = find(layout, at.parentKey)) {
    const grown = around(box, boxOf(at));
    if (!fits(grown, view)) break;
    box = grown;
  }
  const spare = view.width - (box.right - box.left);
  const wanted = node.firstChildKey === null ? FADE : 3 * FADE;
  const ahead = Math.max(MARGIN, Math.min(wanted, spare - MARGIN));
  return {
    ...view,
    left: Math.max(0, box.right + ahead - view.width),
    top: Math.max(0, (box.top + box.bottom - view.height) / 2),
  };
}

/** Moves a view as little as possible to show a node and those of its neighbours that fit. */
export function viewWithNode(layout: LineageLayout, key: string, view: View): View {
  const node = find(layout, key);
  if (!node) return view;
  const index = layout.nodes.indexOf(node);
  const neighbours = [
    find(layout, node.parentKey),
    find(layout, node.firstChildKey),
    layout.nodes[index - 1],
    layout.nodes[index + 1],
  ];
  let box = boxOf(node);
  for (const neighbour of neighbours) {
    const grown = neighbour && around(box, boxOf(neighbour));
    if (grown && fits(grown, view)) box = grown;
  }
  return moved(moved(view, box, MARGIN), boxOf(node), FADE);
}

function moved(view: View, box: Box, space: number): View {
  return {
    ...view,
    left: shifted(view.left, box.left - space, box.right + space - view.width),
    top: shifted(view.top, box.top - space, box.bottom + space - view.height),
  };
}

/** Clamps a scroll position. */
function shifted(at: number, max: number, min: number): number {
  return Math.max(0, Math.min(max, Math.max(min, at)));
}

function find({ nodes }: LineageLayout, key: string | null): PlacedNode | undefined {
  return key === null ? undefined : nodes.find((node) => node.key === key);
}

function boxOf({ left, top }: PlacedNode): Box {
  return { left, top, right: left + NODE_WIDTH, bottom: top + NODE_HEIGHT };
}

function around(a: Box, b: Box): Box {
  return {
    left: Math.min(a.left, b.left),
    top: Math.min(a.top, b.top),
    right: Math.max(a.right, b.right),
    bottom: Math.max(a.bottom, b.bottom),
  };
}

function fits({ left, top, right, bottom }: Box, view: View): boolean {
  return right - left + 2 * MARGIN <= view.width && bottom - top + 2 * MARGIN <= view.height;
}
