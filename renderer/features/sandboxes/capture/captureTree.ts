import type { PreviewEntry } from '#shared/contract/schemas/capturePreview';

/** A row of what is kept: a file, or a folder with what is in it. */
export interface CaptureNode {
  entry: PreviewEntry;
  /** From the row above it. */
  label: string;
  children: CaptureNode[];
  /** What is in it besides its rows: too small to be told one by one. */
  rest: { pathCount: number; sizeBytes: number } | null;
}

export type CaptureRow =
  | { kind: 'node'; node: CaptureNode; level: number }
  | { kind: 'rest'; of: CaptureNode; level: number };

/** A folder with this part of all bytes is open from the start. */
const MIN_OPEN_SHARE = 0.1;
/** So few entries are all shown. */
const MAX_FULLY_OPEN = 14;

/** The entries as a tree. A folder that has only one other in it and was there before shares its row. */
export function captureTree(entries: PreviewEntry[]): CaptureNode[] {
  const roots: CaptureNode[] = [];
  const nodes = new Map<string, CaptureNode>();
  for (const entry of entries) {
    const node: CaptureNode = { entry, label: entry.path, children: [], rest: null };
    nodes.set(entry.path, node);
    (nodes.get(folderOf(entry.path))?.children ?? roots).push(node);
  }
  return roots.map((root) => labelled(collapsed(root), '/'));
}

function collapsed(node: CaptureNode): CaptureNode {
  const [only, ...others] = node.children;
  const isChain =
    only !== undefined &&
    others.length === 0 &&
    only.entry.kind === 'directory' &&
    node.entry.change === 'changed' &&
    node.entry.pathCount - only.entry.pathCount <= 1;
  return isChain ? collapsed(only) : node;
}

function labelled(node: CaptureNode, above: string): CaptureNode {
  const { entry } = node;
  const children = node.children.map((child) => labelled(collapsed(child), entry.path));
  const sum = (of: (child: PreviewEntry) => number) =>
    node.children.reduce((total, child) => total + of(child.entry), 0);
  const isFolder = node.children.length > 0;
  const pathCount = entry.pathCount - 1 - sum((child) => child.pathCount);
  const sizeBytes = (entry.sizeBytes ?? 0) - sum((child) => child.sizeBytes ?? 0);
  return {
    entry,
    label: above === '/' ? entry.path : entry.path.slice(above.length + 1),
    children,
    rest: isFolder && pathCount > 0 ? { pathCount, sizeBytes: Math.max(0, sizeBytes) } : null,
  };
}

/** Whether a folder is open that nobody has opened or closed. */
export function isOpenAtFirst({ entry, children }: CaptureNode, all: CaptureNode[]): boolean {
  const total = all.reduce((sum, node) => sum + (node.entry.sizeBytes ?? 0), 0);
  const count = all.reduce((sum, node) => sum + node.entry.pathCount, 0);
  // What the sandbox itself has made is one thing until somebody looks into it.
  if (children.length === 0 || entry.change !== 'changed') return false;
  return count <= MAX_FULLY_OPEN || (total > 0 && (entry.sizeBytes ?? 0) >= total * MIN_OPEN_SHARE);
}

/** The rows in sight, from top to bottom. */
export function rowsOf(nodes: CaptureNode[], isOpen: (node: CaptureNode) => boolean): CaptureRow[] {
  const rows: CaptureRow[] = [];
  const add = (node: CaptureNode, level: number) => {
    rows.push({ kind: 'node', node, level });
    if (!isOpen(node)) return;
    for (const child of node.children) add(child, level + 1);
    if (node.rest) rows.push({ kind: 'rest', of: node, level: level + 1 });
  };
  for (const node of nodes) add(node, 1);
  return rows;
}

/** The folder that is left out and takes this path with it, if any. */
export function excludedAbove(path: string, excluded: ReadonlySet<string>): string | null {
  for (let folder = folderOf(path); folder !== '/'; folder = folderOf(folder)) {
    if (excluded.has(folder)) return folder;
  }
  return null;
}

/** Leaves a path out, or keeps it again. A folder stands for all that is below. */
export function toggled(path: string, excluded: ReadonlySet<string>): ReadonlySet<string> {
  if (excludedAbove(path, excluded)) return excluded;
  if (excluded.has(path)) return new Set([...excluded].filter((other) => other !== path));
  return new Set([...excluded].filter((other) => !other.startsWith(`${path}/`))).add(path);
}

/** What is left out, in bytes, as far as it is known. */
export function excludedBytes(entries: PreviewEntry[], excluded: ReadonlySet<string>): number {
  return entries
    .filter(({ path }) => excluded.has(path))
    .reduce((total, { sizeBytes }) => total + (sizeBytes ?? 0), 0);
}

/** How many paths are left out: a folder takes all along that is below it. */
export function excludedPaths(entries: PreviewEntry[], excluded: ReadonlySet<string>): number {
  return entries
    .filter(({ path }) => excluded.has(path))
    .reduce((total, { pathCount }) => total + pathCount, 0);
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}
