import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import tar, { type Header } from 'tar-stream';
import type { Package } from '#shared/contract/contents';
import { isPlaceOfInit } from '../../docker';
import { emptyDirectory, type FileNode } from '../database';
import { PackageFinder } from './packageFinder';

/** What Docker puts into every container, where it is not there (moby's initlayer). */
const madeByDocker =
  /^\/(\.dockerenv|dev\/(console|pts|shm)|etc\/(hosts|hostname|resolv\.conf|mtab)|proc|sys)$/;

export interface FoundFilesystem {
  root: FileNode;
  packages: Package[];
}

/**
 * Reads a filesystem from a tar archive as `docker export` writes it, to the last byte.
 *
 * @param madeAt when the container was made that is exported, milliseconds since 1970: what Docker itself
 * put into it then is no part of the snapshot
 */
export async function readFilesystem(
  archive: Readable,
  madeAt: number,
  options: { onBytes: (bytes: number) => void; pass: () => Promise<void> | null },
): Promise<FoundFilesystem> {
  const root = emptyDirectory();
  const packages = new PackageFinder();
  const extract = tar.extract();
  archive.once('error', (error) => extract.destroy(error));
  archive.once('close', () => {
    if (!archive.readableEnded) extract.destroy(new Error('The filesystem broke off.'));
  });
  archive.pipe(extract);
  try {
    for await (const entry of extract) {
      const { header } = entry;
      const path = `/${header.name.replace(/^\.?\//, '').replace(/\/+$/, '')}`;
      const file = packages.file(path, header);
      const hash = createHash('sha1');
      await options.pass();
      for await (const chunk of entry as AsyncIterable<Buffer>) {
        hash.update(chunk);
        file.onChunk(chunk);
        options.onBytes(chunk.length);
        const held = options.pass();
        if (held) await held;
      }
      if (isDockersOwn(path, header, madeAt)) continue;
      place(root, path, nodeOf(header, hash.digest(), root));
      file.end();
    }
  } finally {
    archive.destroy();
    extract.destroy();
  }
  return { root, packages: packages.found };
}

function isDockersOwn(path: string, { size, mtime }: Header, madeAt: number): boolean {
  if (size) return false;
  // A commit keeps the empty place.
  if (isPlaceOfInit(path)) return true;
  // Its clock may be another one, and tar knows whole seconds.
  return madeByDocker.test(path) && (mtime?.getTime() ?? 0) >= madeAt - 2000;
}

function nodeOf(header: Header, content: Buffer, root: FileNode): FileNode {
  const linked = header.type === 'link' ? find(root, `/${header.linkname ?? ''}`) : null;
  // A second name of a file has all that the first one has.
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

/** Puts a node at its path, into folders that the archive may tell of only later. */
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

/** Bytes that are not UTF-8 all look alike once they are read: names of such are numbered. */
function freeName(folder: FileNode, name: string): string {
  if (!name.includes('\uFFFD')) return name;
  let number = 2;
  while (folder.children?.has(`${name} (${number})`)) number += 1;
  return `${name} (${number})`;
}
