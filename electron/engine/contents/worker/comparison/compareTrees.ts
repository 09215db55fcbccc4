import type { Difference } from '#shared/contract/contents';
import type { TreeEntry, Trees } from '../../database';
import { compareNames } from '../../database';

/** A path that differs between two trees. At least one side is present. */
export interface TreeDifference {
  path: string;
  before: TreeEntry | null;
  after: TreeEntry | null;
  aspects: Difference['aspects'];
}

/**
 * Yields the differences between two trees in the order of their paths. Equal subtrees are skipped, so
 * the time depends on the differences, not on the size of the trees. Modification times are ignored.
 *
 * A folder on one side only is yielded with everything in it.
 */
export function* compareTrees(
  trees: Trees,
  before: number | null,
  after: number | null,
  folder = '',
): Generator<TreeDifference, void, void> {
  if (before === after) return;
  const left = before === null ? [] : trees.entries(before);
  const right = after === null ? [] : trees.entries(after);
  for (const [a, b] of pairs(left, right)) {
    const path = `${folder}/${(b ?? a)?.name}`;
    const aspects = a && b ? aspectsOf(a, b) : [];
    if (!a || !b || aspects.length > 0) yield { path, before: a, after: b, aspects };
    const [below, above] = [a?.subtreeId ?? null, b?.subtreeId ?? null];
    if (below !== above) yield* compareTrees(trees, below, above, path);
  }
}

/** Merges two lists sorted by name into pairs. */
function* pairs(
  left: TreeEntry[],
  right: TreeEntry[],
): Generator<[TreeEntry | null, TreeEntry | null], void, void> {
  for (let i = 0, j = 0; i < left.length || j < right.length; ) {
    const a = left[i] ?? null;
    const b = right[j] ?? null;
    const order = !a ? 1 : !b ? -1 : compareNames(a.name, b.name);
    if (order <= 0) i++;
    if (order >= 0) j++;
    yield [order <= 0 ? a : null, order >= 0 ? b : null];
  }
}

/** Returns the differing aspects of two entries; empty if they are equal. */
export function aspectsOf(before: TreeEntry, after: TreeEntry): Difference['aspects'] {
  const aspects: Difference['aspects'] = [];
  if (before.kind !== after.kind) aspects.push('kind');
  else if (before.kind === 'file' && !sameContent(before, after)) aspects.push('content');
  if (before.mode !== after.mode) aspects.push('mode');
  if (before.uid !== after.uid || before.gid !== after.gid) aspects.push('owner');
  if (before.kind === after.kind && before.linkTarget !== after.linkTarget) aspects.push('target');
  return aspects;
}

function sameContent(before: TreeEntry, after: TreeEntry): boolean {
  if (!before.content || !after.content) return before.content === after.content;
  return before.content.equals(after.content);
}
