import { emptyDirectory, type FileNode } from '../../electron/engine/contents/database/fileNode';

/** Builds a filesystem with these files; a path that ends with a slash is a folder. */
export function filesystem(paths: readonly string[]): FileNode {
  const root = emptyDirectory();
  for (const path of paths) {
    let folder = root;
    const names = path.split('/').filter(Boolean);
    for (const [index, name] of names.entries()) {
      const isFolder = index < names.length - 1 || path.endsWith('/');
      const known = folder.children?.get(name);
      const node = known ?? (isFolder ? emptyDirectory() : file());
      folder.children?.set(name, node);
      folder = node;
    }
  }
  return root;
}

function file(): FileNode {
  return { ...emptyDirectory(), kind: 'file', children: null };
}

/** Many files in one folder, and in many folders. */
export const LARGE = {
  root: filesystem(
    Array.from({ length: 60_000 }, (_, number) =>
      number % 2 ? `/flat/large-${number}` : `/deep/${number % 997}/large-${number}`,
    ).concat('/shared/file'),
  ),
  packages: Array.from({ length: 3000 }, (_, number) => ({
    manager: 'pip' as const,
    name: `large-${number}`,
    version: '1.0',
  })),
};

export const SMALL = {
  root: filesystem(['/shared/file', '/deep/small']),
  packages: [{ manager: 'pip' as const, name: 'small', version: '1.0' }],
};
