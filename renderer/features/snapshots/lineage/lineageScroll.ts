import {
  type LineageLayout,
  MARGIN,
  NODE_HEIGHT,
  NODE_WIDTH,
  type PlacedNode,
} from './lineageLayout';

/** Pixels at a scroller's edges over which what goes on fades out, as ScrollEdges.css has it. */
const FADE = 24;

/** What a scroller shows of the tree, in the tree's own pixels. */
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
 * Where to begin: a node with as much of the way from the root as there is room for, and with the
 * beginning of what comes from it where that leaves room.
 */
export function openingPlace(layout: LineageLayout, key: string, view: View): View {
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

/** The least move from a view after which a node is seen, with those around it that there is room for. */
export function placeInSight(layout: LineageLayout, key: string, view: View): View {
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

/** As near to where it was as the bounds let it. */
function shifted(at: number, most: number, least: number): number {
  return Math.max(0, Math.min(most, Math.max(least, at)));
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
