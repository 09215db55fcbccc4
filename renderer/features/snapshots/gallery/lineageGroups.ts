import type { Snapshot } from '#shared/contract/snapshots';
import type { SnapshotVersions } from '#shared/versions';

/** A root and everything captured from it, over any number of generations. */
export interface LineageGroup {
  key: string;
  title: string;
  members: SnapshotVersions[];
}

const standalone: Pick<LineageGroup, 'key' | 'title'> = {
  key: 'standalone',
  title: 'Standalone snapshots',
};

/**
 * Groups names by their root, in order of first occurrence; the order within a group is kept.
 * Versions of a root form one group, and so do the descendants of a deleted snapshot. Names without
 * relatives come last in a group of their own.
 *
 * @param all every snapshot: an ancestor may be filtered out of `groups`
 */
export function groupByLineage(
  groups: readonly SnapshotVersions[],
  all: readonly Snapshot[],
): LineageGroup[] {
  const rootOf = rootFinder(all);
  const namesOf = new Map<string, Set<string>>();
  for (const snapshot of all) {
    const { key } = rootOf(snapshot);
    const names = namesOf.get(key);
    if (names) names.add(snapshot.name);
    else namesOf.set(key, new Set([snapshot.name]));
  }
  const lineages = new Map<string, LineageGroup>();
  const rest: LineageGroup = { ...standalone, members: [] };
  for (const group of groups) {
    const { key, title } = rootOf(group.head);
    const lineage = lineages.get(key);
    if (namesOf.get(key)?.size === 1) rest.members.push(group);
    else if (lineage) lineage.members.push(group);
    else lineages.set(key, { key, title, members: [group] });
  }
  return rest.members.length > 0 ? [...lineages.values(), rest] : [...lineages.values()];
}

interface Root {
  key: string;
  title: string;
}

/** Returns a memoized lookup of a snapshot's root: each chain of ancestors is walked once. */
function rootFinder(all: readonly Snapshot[]): (snapshot: Snapshot) => Root {
  const byId = new Map(all.map((snapshot) => [snapshot.id, snapshot]));
  const roots = new Map<string, Root>();
  return (snapshot) => {
    const chain: Snapshot[] = [];
    let root: Root | undefined;
    for (let at = snapshot; !root; ) {
      root = roots.get(at.id);
      if (root) break;
      chain.push(at);
      const parent = at.parentSnapshotId === null ? null : byId.get(at.parentSnapshotId);
      if (parent && !chain.includes(parent)) at = parent;
      // Cyclic parent chain (corrupt data): treat this snapshot as the root.
      else
        root = parent === undefined ? orphanRoot(at) : { key: `name ${at.name}`, title: at.name };
    }
    for (const { id } of chain) roots.set(id, root);
    return root;
  };
}

/** Root of a snapshot whose parent was deleted, shared with its siblings. */
function orphanRoot({ parentSnapshotId }: Snapshot): Root {
  return { key: `gone ${parentSnapshotId}`, title: 'Captured from a deleted snapshot' };
}
