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
  /** Of all below; of a leaf null until it is known. */
  sizeBytes: number | null;
  pathCount: number;
}

/** Of these many of the largest; more would be no preview. */
const MOST_ENTRIES = 300;
/** What is removed has no size to be among the largest: of these many it is told all the same. */
const MOST_REMOVED = 40;

/** The paths that a sandbox has changed, by folder, with sizes as they become known. */
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
        // Removed, and made again with something in it.
        if (node.change === 'removed') node.change = 'changed';
      } else if (node.change !== 'removed' && node !== this.root) {
        this.leaves.set(node.path, node);
        for (let at: Node | null = node; at; at = at.parent) at.sizeBytes = null;
      }
    }
  }

  /** Of how many files and empty folders the size is known, and how many there are. */
  get measured(): CapturePreview['measured'] {
    return { done: this.measuredCount, total: this.leaves.size };
  }

  /** Those of which it is not. */
  *unmeasured(): Generator<string> {
    for (const { path, sizeBytes } of this.leaves.values()) if (sizeBytes === null) yield path;
  }

  /** Notes what is at a path; one that is not in the tree is passed over. */
  measure(path: string, kind: PreviewEntry['kind'], sizeBytes: number): void {
    const leaf = this.leaves.get(path);
    if (!leaf || leaf.sizeBytes !== null) return;
    leaf.kind = kind;
    leaf.sizeBytes = sizeBytes;
    this.measuredCount += 1;
    for (let at = leaf.parent; at; at = at.parent) at.sizeBytes = (at.sizeBytes ?? 0) + sizeBytes;
  }

  /** The largest, with the folders that they are in. */
  entries(): PreviewEntry[] {
    const chosen = new Set<Node>([this.root]);
    // What is above another one is never smaller, and less deep: no folder is left out by this order.
    const bySize = [...this.nodes.values()].filter(({ change }) => change !== 'removed');
    for (const node of bySize.sort(largestFirst).slice(0, MOST_ENTRIES)) chosen.add(node);
    const removed = [...this.nodes.values()].filter(({ change }) => change === 'removed');
    for (const node of removed.sort((a, b) => a.depth - b.depth).slice(0, MOST_REMOVED)) {
      for (let at: Node | null = node; at; at = at.parent) chosen.add(at);
    }
    const entries: PreviewEntry[] = [];
    const tell = (node: Node) => {
      if (node !== this.root) {
        const { path, change, kind, sizeBytes, pathCount } = node;
        entries.push({ path, change, kind, sizeBytes, pathCount });
      }
      for (const child of node.children.filter((one) => chosen.has(one)).sort(largestFirst)) {
        tell(child);
      }
    };
    tell(this.root);
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
