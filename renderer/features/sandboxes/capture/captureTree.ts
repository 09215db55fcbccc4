import type { PreviewEntry } from '#shared/contract/schemas/capturePreview';

/** Node of the tree of captured files. */
export interface CaptureNode {
  entry: PreviewEntry;
  /** Path relative to the parent row. */
  label: string;
  children: CaptureNode[];
  /** Totals of the entries in a folder that are too small for rows of their own. */
  rest: { pathCount: number; sizeBytes: number } | null;
}

export type CaptureRow =
  | { kind: 'node'; node: CaptureNode; level: number }
  | { kind: 'rest'; of: CaptureNode; level: number };

/** Share of all bytes from which a folder is initially expanded. */
const MIN_OPEN_SHARE = 0.1;
/** Number of entries up to which all folders are initially expanded. */
const MAX_FULLY_OPEN = 14;

/** Builds the tree. A folder whose only child is an existing folder shares a row with it. */
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

/** Whether a folder is expanded before the user expands or collapses it. */
export function isOpenAtFirst({ entry, children }: CaptureNode, all: CaptureNode[]): boolean {
  const total = all.reduce((sum, node) => sum + (node.entry.sizeBytes ?? 0), 0);
  const count = all.reduce((sum, node) => sum + node.entry.pathCount, 0);
  // Folders created in the sandbox start collapsed.
  if (children.length === 0 || entry.change !== 'changed') return false;
  return count <= MAX_FULLY_OPEN || (total > 0 && (entry.sizeBytes ?? 0) >= total * MIN_OPEN_SHARE);
}

/** Visible rows, from top to bottom. */
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

/** Nearest excluded ancestor folder of a path, or null. */
export function excludedAbove(path: string, excluded: ReadonlySet<string>): string | null {
  for (let folder = folderOf(path); folder !== '/'; folder = folderOf(folder)) {
    if (excluded.has(folder)) return folder;
  }
  return null;
}

/** Toggles the exclusion of a path. Excluding a folder excludes everything below it. */
export function toggled(path: string, excluded: ReadonlySet<string>): ReadonlySet<string> {
  if (excludedAbove(path, excluded)) return excluded;
  if (excluded.has(path)) return new Set([...excluded].filter((other) => other !== path));
  return new Set([...excluded].filter((other) => !other.startsWith(`${path}/`))).add(path);
}

/** Bytes excluded, as far as sizes are known. */
export function excludedBytes(entries: PreviewEntry[], excluded: ReadonlySet<string>): number {
  return entries
    .filter(({ path }) => excluded.has(path))
    .reduce((total, { sizeBytes }) => total + (sizeBytes ?? 0), 0);
}

/** Number of excluded paths, including everything below excluded folders. */
export function excludedPaths(entries: PreviewEntry[], excluded: ReadonlySet<string>): number {
  return entries
    .filter(({ path }) => excluded.has(path))
    .reduce((total, { pathCount }) => total + pathCount, 0);
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}
