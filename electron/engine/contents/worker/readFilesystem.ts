import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { Header } from 'tar-stream';
import type { Package } from '#shared/contract/contents';
import { isInitMountPoint, tarEntries } from '../../docker';
import { emptyDirectory, type FileNode } from '../database';
import { PackageFinder } from './packageFinder';

/** Files that Docker adds to every container that lacks them (moby's initlayer). */
const initLayer =
  /^\/(\.dockerenv|dev\/(console|pts|shm)|etc\/(hosts|hostname|resolv\.conf|mtab)|proc|sys)$/;

export interface FoundFilesystem {
  root: FileNode;
  packages: Package[];
}

/**
 * Reads a filesystem from a tar archive of `docker export`, to its last byte.
 *
 * @param madeAt creation time of the exported container, in milliseconds since 1970. Files that Docker
 * added to it then are not part of the snapshot.
 * @param options.untilResumed resolves when reading may continue; null if it is not paused
 */
export async function readFilesystem(
  archive: Readable,
  madeAt: number,
  options: { onBytes: (bytes: number) => void; untilResumed: () => Promise<void> | null },
): Promise<FoundFilesystem> {
  const root = emptyDirectory();
  const packages = new PackageFinder();
  for await (const entry of tarEntries(archive)) {
    const { header } = entry;
    const path = `/${header.name.replace(/^\.?\//, '').replace(/\/+$/, '')}`;
    const file = packages.file(path, header);
    const hash = createHash('sha1');
    await options.untilResumed();
    for await (const chunk of entry as AsyncIterable<Buffer>) {
      hash.update(chunk);
      file.onChunk(chunk);
      options.onBytes(chunk.length);
      const paused = options.untilResumed();
      if (paused) await paused;
    }
    if (isFromDocker(path, header, madeAt)) continue;
    place(root, path, nodeOf(header, hash.digest(), root));
    file.end();
  }
  return { root, packages: packages.found };
}

function isFromDocker(path: string, { size, mtime }: Header, madeAt: number): boolean {
  if (size) return false;
  // A commit keeps the empty mount point.
  if (isInitMountPoint(path)) return true;
  // The daemon's clock may differ, and tar has a resolution of one second.
  return initLayer.test(path) && (mtime?.getTime() ?? 0) >= madeAt - 2000;
}

function nodeOf(header: Header, content: Buffer, root: FileNode): FileNode {
  const linked = header.type === 'link' ? find(root, `/${header.linkname ?? ''}`) : null;
  // A hard link shares the metadata and content of its target.
  if (linked) return { ...linked, isHardLink: true };
  const node: FileNode = {
    ...emptyDirectory(),
    kind: 'other',
    mode: (header.mode ?? 0) & 0o7777,
    uid: header.uid ?? 0,
    gid: header.gid ?? 0,
    modifiedAt: header.mtime?.getTime() ?? 0,
    children: null,
  };
  switch (header.type) {
    case 'directory':
      return { ...node, kind: 'directory', children: new Map() };
    case 'symlink':
      return { ...node, kind: 'symlink', linkTarget: header.linkname ?? '' };
    case 'character-device':
    case 'block-device':
    case 'fifo':
      return node;
    default:
      return { ...node, kind: 'file', sizeBytes: header.size ?? 0, content };
  }
}

function find(root: FileNode, path: string): FileNode | null {
  let node: FileNode | null = root;
  for (const name of path.split('/').filter(Boolean)) node = node?.children?.get(name) ?? null;
  return node;
}

/** Inserts a node, creating folders whose entries may come later in the archive. */
function place(root: FileNode, path: string, node: FileNode): void {
  const names = path.split('/').filter(Boolean);
  const last = names.pop();
  if (last === undefined) return;
  let folder = root;
  for (const name of names) {
    let next = folder.children?.get(name);
    if (!next?.children) {
      next = emptyDirectory();
      folder.children?.set(name, next);
    }
    folder = next;
  }
  const known = folder.children?.get(last);
  folder.children?.set(
    known && !known.children ? freeName(folder, last) : last,
    node.children && known?.children ? { ...node, children: known.children } : node,
  );
}

/** Numbers names with invalid UTF-8, which decode to the same replacement characters. */
function freeName(folder: FileNode, name: string): string {
  if (!name.includes('\uFFFD')) return name;
  let number = 2;
  while (folder.children?.has(`${name} (${number})`)) number += 1;
  return `${name} (${number})`;
}
