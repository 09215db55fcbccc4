import { posix } from 'node:path';
import type { CapturePreview, PreviewEntry } from '#shared/contract/schemas/capturePreview';
import type { PathChange } from '../docker';
import { comparablePath } from '../snapshots';

interface Node {
  path: string;
  depth: number;
  change: PathChange['change'];
  kind: PreviewEntry['kind'];
  parent: Node | null;
  children: Node[];
  /** Sum of all files below; null until one of them is measured. */
  sizeBytes: number | null;
  /** Changed paths at and below this one. */
  pathCount: number;
}

/** Entries of a preview, largest first. */
const MAX_ENTRIES = 300;
/** Additional entries for removed paths, which have no size. */
const MAX_REMOVED_ENTRIES = 40;

/** Changed paths of a sandbox as a tree, with sizes as far as they are measured. */
export class ChangeTree {
  readonly counts: CapturePreview['counts'] = { added: 0, changed: 0, removed: 0 };
  private readonly nodes = new Map<string, Node>();
  private readonly root: Node;
  private readonly leaves = new Map<string, Node>();
  private measuredCount = 0;

  constructor(changes: PathChange[]) {
    this.root = {
      ...{ path: '/', depth: 0, change: 'changed', kind: 'directory', parent: null },
      ...{ children: [], sizeBytes: 0, pathCount: 0 },
    };
    this.nodes.set('/', this.root);
    for (const { path, change } of changes) {
      const node = this.place(comparablePath(path));
      node.change = change;
      this.counts[change] += 1;
      for (let at: Node | null = node; at; at = at.parent) at.pathCount += 1;
    }
    for (const node of this.nodes.values()) {
      if (node.children.length > 0) {
        node.kind = 'directory';
        // Removed, and created again with entries.
        if (node.change === 'removed') node.change = 'changed';
      } else if (node.change !== 'removed' && node !== this.root) {
        this.leaves.set(node.path, node);
        for (let at: Node | null = node; at; at = at.parent) at.sizeBytes = null;
      }
    }
  }

  /** Number of measured leaves (files and empty folders), and of all leaves. */
  get measured(): CapturePreview['measured'] {
    return { done: this.measuredCount, total: this.leaves.size };
  }

  /** Paths of leaves that are not measured yet. */
  *unmeasured(): Generator<string> {
    for (const { path, sizeBytes } of this.leaves.values()) if (sizeBytes === null) yield path;
  }

  /** Sets kind and size of a leaf. Other paths and measured leaves are ignored. */
  measure(path: string, kind: PreviewEntry['kind'], sizeBytes: number): void {
    const leaf = this.leaves.get(path);
    if (!leaf || leaf.sizeBytes !== null) return;
    leaf.kind = kind;
    leaf.sizeBytes = sizeBytes;
    this.measuredCount += 1;
    for (let at = leaf.parent; at; at = at.parent) at.sizeBytes = (at.sizeBytes ?? 0) + sizeBytes;
  }

  /** The largest entries and their folders, in pre-order. */
  entries(): PreviewEntry[] {
    const chosen = new Set<Node>([this.root]);
    // A folder precedes its entries in this order, as it is at least as large and less deep.
    const bySize = [...this.nodes.values()].filter(({ change }) => change !== 'removed');
    for (const node of bySize.sort(largestFirst).slice(0, MAX_ENTRIES)) chosen.add(node);
    const removed = [...this.nodes.values()].filter(({ change }) => change === 'removed');
    for (const node of removed.sort((a, b) => a.depth - b.depth).slice(0, MAX_REMOVED_ENTRIES)) {
      for (let at: Node | null = node; at; at = at.parent) chosen.add(at);
    }
    const entries: PreviewEntry[] = [];
    const append = (node: Node) => {
      if (node !== this.root) {
        const { path, change, kind, sizeBytes, pathCount } = node;
        entries.push({ path, change, kind, sizeBytes, pathCount });
      }
      for (const child of node.children.filter((other) => chosen.has(other)).sort(largestFirst)) {
        append(child);
      }
    };
    append(this.root);
    return entries;
  }

  private place(path: string): Node {
    const known = this.nodes.get(path);
    if (known) return known;
    const parent = this.place(posix.dirname(path));
    const node: Node = {
      ...{ path, depth: parent.depth + 1, change: 'changed', kind: null, parent },
      ...{ children: [], sizeBytes: 0, pathCount: 0 },
    };
    parent.children.push(node);
    this.nodes.set(path, node);
    return node;
  }
}

function largestFirst(a: Node, b: Node): number {
  return (
    (b.sizeBytes ?? 0) - (a.sizeBytes ?? 0) ||
    b.pathCount - a.pathCount ||
    a.depth - b.depth ||
    (a.path < b.path ? -1 : 1)
  );
}
