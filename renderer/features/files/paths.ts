import type { FileStat } from '#shared/contract/sandboxes';

/** Path functions for POSIX paths in sandboxes and snapshots. */

export function joinPath(folder: string, name: string): string {
  return folder.endsWith('/') ? `${folder}${name}` : `${folder}/${name}`;
}

export function parentPath(path: string): string {
  return path.replace(/\/[^/]*\/?$/, '') || '/';
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Sorts folders before files, each by path. */
export function foldersFirst(files: FileStat[]): FileStat[] {
  const rank = ({ kind }: FileStat) => (kind === 'directory' ? 0 : 1);
  return [...files].sort((a, b) => rank(a) - rank(b) || a.path.localeCompare(b.path));
}
