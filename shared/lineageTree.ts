import type { Sandbox } from './contract/sandboxes';
import type { Snapshot } from './contract/snapshots';
import { ancestryOf, imageOfKey, type Lineage, type SnapshotVersion } from './lineage';

/** What stands at one place of the tree. */
export type LineageItem =
  | { kind: 'image'; image: string }
  | { kind: 'snapshot'; snapshot: Snapshot; version: SnapshotVersion | null }
  /** One that is no more, but from which others come; what is left of it may not know its name. */
  | { kind: 'deleted'; name: string | null }
  | { kind: 'sandbox'; sandbox: Sandbox }
  /** What was left out below the parent. */
  | { kind: 'more'; of: 'snapshots' | 'sandboxes'; parentKey: string; count: number }
  /** What was left out above the root; the nearest of them is `snapshotId`. */
  | { kind: 'earlier'; snapshotId: string; count: number };

export interface LineageNode {
  /** Unique in the tree. */
  key: string;
  item: LineageItem;
  children: LineageNode[];
}

/** How many are shown below one parent: on the current snapshot's line, and beside it. */
const CLOSE_LIMIT = 8;
const FAR_LIMIT = 3;
/** The most ancestors that are shown. */
const ANCESTOR_LIMIT = 50;
/** Past so many nodes only the line of the current snapshot goes on. */
const NODE_LIMIT = 300;

/**
 * The family of a snapshot with its sandboxes as leaves. Families can have thousands of members: what is
 * far from the current snapshot is left out and counted, unless `extra` asks for more below a parent.
 */
export function lineageTree(
  lineage: Lineage,
  sandboxes: readonly Sandbox[],
  currentId: string,
  extra: ReadonlyMap<string, number> = new Map(),
): LineageNode {
  const ancestry = ancestryOf(currentId, lineage);
  const shown = ancestry.slice(-ANCESTOR_LIMIT);
  const line = new Set(shown);
  const root = nodeOf(shown[0] ?? currentId, lineage, sandboxes);
  const queue = [{ node: root, isClose: true }];
  let count = 1;
  for (let next = queue.shift(); next; next = queue.shift()) {
    const { node, isClose } = next;
    const { key } = node;
    const limit = (isClose ? CLOSE_LIMIT : FAR_LIMIT) + (extra.get(key) ?? 0);
    const room = count < NODE_LIMIT || extra.has(key) ? limit : 0;
    const users = sandboxes.filter(({ snapshotId }) => snapshotId === key).sort(compareSandboxes);
    const inSight = users.slice(0, howMany(users.length, room));
    node.children.push(
      ...inSight.map((sandbox) => leaf(`sandbox ${sandbox.id}`, { kind: 'sandbox', sandbox })),
      ...more(key, 'sandboxes', users.length - inSight.length),
    );
    const captures = lineage.children.get(key) ?? [];
    const kept = captures.slice(0, howMany(captures.length, room));
    const onLine = captures.find((id) => line.has(id));
    if (onLine && !kept.includes(onLine)) kept.splice(Math.max(0, kept.length - 1), 1, onLine);
    for (const id of kept) {
      const child = nodeOf(id, lineage, sandboxes);
      node.children.push(child);
      queue.push({ node: child, isClose: line.has(id) || (isClose && !isAbove(key)) });
    }
    node.children.push(...more(key, 'snapshots', captures.length - kept.length));
    count += node.children.length;
  }
  return withEarlier(root, ancestry, ancestry.length - shown.length);

  /** Whether the current snapshot comes from it. */
  function isAbove(key: string): boolean {
    return line.has(key) && key !== currentId;
  }
}

function nodeOf(key: string, lineage: Lineage, sandboxes: readonly Sandbox[]): LineageNode {
  const snapshot = lineage.byId.get(key);
  if (snapshot) {
    return leaf(key, { kind: 'snapshot', snapshot, version: lineage.versions.get(key) ?? null });
  }
  const image = imageOfKey(key);
  if (image !== null) return leaf(key, { kind: 'image', image });
  const user = sandboxes.find(({ snapshotId }) => snapshotId === key);
  const name = lineage.deletedNames.get(key) ?? user?.snapshotName ?? null;
  return leaf(key, { kind: 'deleted', name });
}

function leaf(key: string, item: LineageItem): LineageNode {
  return { key, item, children: [] };
}

/** Running ones first, then by name. */
function compareSandboxes(a: Sandbox, b: Sandbox): number {
  const rank = ({ status }: Sandbox) => (status === 'ready' ? 0 : 1);
  return rank(a) - rank(b) || a.name.localeCompare(b.name);
}

/** How many to show where there is room for so many; one that is left out takes a place as well. */
function howMany(count: number, room: number): number {
  return room > 0 && count <= room + 1 ? count : room;
}

function more(parentKey: string, of: 'snapshots' | 'sandboxes', count: number): LineageNode[] {
  if (count <= 0) return [];
  return [leaf(`more ${of} ${parentKey}`, { kind: 'more', of, parentKey, count })];
}

function withEarlier(root: LineageNode, ancestry: readonly string[], count: number): LineageNode {
  const nearest = ancestry[count - 1];
  if (nearest === undefined) return root;
  const node = leaf('earlier', { kind: 'earlier', snapshotId: nearest, count });
  node.children.push(root);
  return node;
}
