import type { Sandbox } from './contract/sandboxes';
import type { Snapshot } from './contract/snapshots';
import { ancestryOf, imageOfKey, type Lineage, type SnapshotVersion } from './lineage';

/** Content of a tree node. */
export type LineageItem =
  | { kind: 'image'; image: string }
  | { kind: 'snapshot'; snapshot: Snapshot; version: SnapshotVersion | null }
  /** Deleted snapshot that has descendants; its name may be unknown. */
  | { kind: 'deleted'; name: string | null }
  | { kind: 'sandbox'; sandbox: Sandbox }
  /** Placeholder for hidden children. */
  | { kind: 'more'; of: 'snapshots' | 'sandboxes'; parentKey: string; count: number }
  /** Placeholder for ancestors above the root; `snapshotId` is the nearest of them. */
  | { kind: 'earlier'; snapshotId: string; count: number };

export interface LineageNode {
  /** Unique in the tree. */
  key: string;
  item: LineageItem;
  children: LineageNode[];
}

/** Children shown per parent: near the current snapshot's line, and elsewhere. */
const CLOSE_LIMIT = 8;
const FAR_LIMIT = 3;
/** Maximum number of ancestors shown. */
const ANCESTOR_LIMIT = 50;
/** Number of nodes beyond which only the current snapshot's line is expanded. */
const NODE_LIMIT = 300;

/**
 * Builds the lineage tree of a snapshot with sandboxes as leaves. Lineages can have thousands of
 * members: nodes far from the current snapshot are replaced by counts, unless `extra` requests more
 * children of a parent.
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
    const visibleUsers = users.slice(0, visibleCount(users.length, room));
    node.children.push(
      ...visibleUsers.map((sandbox) => leaf(`sandbox ${sandbox.id}`, { kind: 'sandbox', sandbox })),
      ...moreNode(key, 'sandboxes', users.length - visibleUsers.length),
    );
    const captures = lineage.children.get(key) ?? [];
    const visibleChildren = captures.slice(0, visibleCount(captures.length, room));
    const childOnLine = captures.find((id) => line.has(id));
    if (childOnLine && !visibleChildren.includes(childOnLine))
      visibleChildren.splice(Math.max(0, visibleChildren.length - 1), 1, childOnLine);
    for (const id of visibleChildren) {
      const child = nodeOf(id, lineage, sandboxes);
      node.children.push(child);
      queue.push({ node: child, isClose: line.has(id) || (isClose && !isAbove(key)) });
    }
    node.children.push(...moreNode(key, 'snapshots', captures.length - visibleChildren.length));
    count += node.children.length;
  }
  return withEarlier(root, ancestry, ancestry.length - shown.length);

  /** Whether a key is an ancestor of the current snapshot. */
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

/** Running sandboxes first, then by name. */
function compareSandboxes(a: Sandbox, b: Sandbox): number {
  const rank = ({ status }: Sandbox) => (status === 'ready' ? 0 : 1);
  return rank(a) - rank(b) || a.name.localeCompare(b.name);
}

/**
 * Number of items to show. A single hidden item is shown, as its placeholder would take the same
 * space.
 */
function visibleCount(count: number, room: number): number {
  return room > 0 && count <= room + 1 ? count : room;
}

function moreNode(parentKey: string, of: 'snapshots' | 'sandboxes', count: number): LineageNode[] {
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
