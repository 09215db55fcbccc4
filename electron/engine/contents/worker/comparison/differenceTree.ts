import type { DifferenceCounts, DifferenceRow } from '#shared/contract/contents';
import type { WeighedDifference } from './weighedDifference';

interface Node {
  name: string;
  path: string;
  parent: Node | null;
  children: Node[];
  difference: WeighedDifference | null;
  below: DifferenceCounts;
  addedBytes: number;
  removedBytes: number;
}

/** A row of the whole list, of which callers read pages. */
interface Row {
  node: Node;
  name: string;
  level: number;
  parentIndex: number | null;
  isOpen: boolean | null;
}

/** Rows up to which folders are open by default. */
const MAX_OPEN_ROWS = 200;
/** Differences up to which a folder that was added or removed as a whole is open by default. */
const MAX_OPEN_WHOLE = 10;

/** Differences grouped by folder. */
export class DifferenceTree {
  private readonly root = newNode('', '', null);
  private readonly folders = new Map<string, Node>([['', this.root]]);
  private readonly openByDefault: ReadonlySet<Node>;
  private last: { key: string; rows: Row[] } | null = null;

  /** @param differences in the order of paths, a folder before its contents */
  constructor(differences: readonly WeighedDifference[]) {
    for (const difference of differences) this.add(difference);
    this.openByDefault = foldersToOpen(this.root);
  }

  /** @param toggled paths of folders that are not in their default state (open or closed) */
  page(
    toggled: readonly string[],
    { limit, offset }: { limit: number; offset: number },
  ): { rows: DifferenceRow[]; total: number } {
    const key = JSON.stringify(toggled);
    if (this.last?.key !== key) this.last = { key, rows: this.rows(new Set(toggled)) };
    const { rows } = this.last;
    return { rows: rows.slice(offset, offset + limit).map(describeRow), total: rows.length };
  }

  private rows(toggled: ReadonlySet<string>): Row[] {
    const rows: Row[] = [];
    const open: Array<{ children: Node[]; next: number; level: number; index: number | null }> = [
      { children: this.root.children, next: 0, level: 1, index: null },
    ];
    for (let at = open.at(-1); at; at = open.at(-1)) {
      const child = at.children[at.next++];
      if (!child) {
        open.pop();
        continue;
      }
      const { node, name } = collapse(child);
      const isFolder = node.children.length > 0;
      const isOpen = isFolder ? this.openByDefault.has(node) !== toggled.has(node.path) : null;
      rows.push({ node, name, level: at.level, parentIndex: at.index, isOpen });
      if (!isOpen) continue;
      const index = rows.length - 1;
      open.push({ children: node.children, next: 0, level: at.level + 1, index });
    }
    return rows;
  }

  private add(difference: WeighedDifference): void {
    const { path } = difference;
    const slash = path.lastIndexOf('/');
    const parent = this.folder(path.slice(0, slash));
    const node = newNode(path.slice(slash + 1), path, parent);
    node.difference = difference;
    parent.children.push(node);
    const { before, after } = difference;
    if (before?.kind === 'directory' || after?.kind === 'directory') this.folders.set(path, node);
    node.addedBytes += difference.addedBytes;
    node.removedBytes += difference.removedBytes;
    for (let above: Node | null = parent; above; above = above.parent) {
      above.below[difference.difference] += 1;
      above.addedBytes += difference.addedBytes;
      above.removedBytes += difference.removedBytes;
    }
  }

  private folder(path: string): Node {
    const known = this.folders.get(path);
    if (known) return known;
    const slash = path.lastIndexOf('/');
    const parent = this.folder(path.slice(0, slash));
    const made = newNode(path.slice(slash + 1), path, parent);
    parent.children.push(made);
    this.folders.set(path, made);
    return made;
  }
}

function newNode(name: string, path: string, parent: Node | null): Node {
  const below = { added: 0, changed: 0, removed: 0 };
  return {
    name,
    path,
    parent,
    children: [],
    difference: null,
    below,
    addedBytes: 0,
    removedBytes: 0,
  };
}

/** Follows a chain of unchanged folders with a single child folder to its end. */
function collapse(node: Node): { node: Node; name: string } {
  let [at, name] = [node, node.name];
  for (;;) {
    const [only] = at.children;
    if (at.difference || at.children.length !== 1 || !only?.children.length) {
      return { node: at, name };
    }
    at = only;
    name += `/${only.name}`;
  }
}

/** Opens folders level by level, while the list stays within MAX_OPEN_ROWS. */
function foldersToOpen(root: Node): Set<Node> {
  const open = new Set<Node>();
  let rows = root.children.length;
  let level = [root];
  while (level.length > 0) {
    const next: Node[] = [];
    for (const parent of level) {
      for (const child of parent.children) {
        const { node } = collapse(child);
        const { length } = node.children;
        if (length === 0 || rows + length > MAX_OPEN_ROWS || isLargeWhole(node)) continue;
        rows += length;
        open.add(node);
        next.push(node);
      }
    }
    level = next;
  }
  return open;
}

function isLargeWhole({ difference, below }: Node): boolean {
  const isWhole = difference?.difference === 'added' || difference?.difference === 'removed';
  return isWhole && below.added + below.changed + below.removed > MAX_OPEN_WHOLE;
}

function describeRow({ node, ...row }: Row): DifferenceRow {
  const { path, below, addedBytes, removedBytes, difference } = node;
  return { ...row, path, below, addedBytes, removedBytes, difference };
}
