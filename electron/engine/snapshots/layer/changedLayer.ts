import { posix } from 'node:path';
import type { Readable } from 'node:stream';
import tar from 'tar-stream';
import type { PathChange } from '../../docker';
import { comparablePath, type RawEntry } from './rawTar';
import { keptEntries, PathSet, type TarFilter } from './tarFilter';

/** How a layer says that what a lower one has at a name, or in a folder, is no longer there. */
const WHITEOUT = '.wh.';
const OPAQUE = '.wh..wh..opq';

export interface LayerParts {
  /** A whole filesystem, as a tar archive. */
  files: Readable;
  /** What is different in it, told before and after it was copied: more than there is does no harm. */
  changes: PathChange[];
  /** What is not to be in the layer. */
  exclude: string[];
  /** Those of them that the image below has. */
  excludedBelow: string[];
}

/**
 * The part of a filesystem that differs from the image below it, as the tar archive of a layer: what was
 * added and changed, byte for byte, and marks for what was removed.
 */
export async function* changedLayer(
  { files, changes, exclude, excludedBelow }: LayerParts,
  filter: Omit<TarFilter, 'keep'>,
): AsyncGenerator<Buffer> {
  const removed = new Set(
    changes.filter(({ change }) => change === 'removed').map(({ path }) => comparablePath(path)),
  );
  const layer = new LayerPaths(changes, exclude, removed, excludedBelow);
  yield* keptEntries(files, { ...filter, keep: (entry) => layer.keeps(entry) });
  for await (const chunk of marks(layer.marks())) yield chunk;
}

/** Which paths belong to a layer, in the order in which an archive of everything has them. */
class LayerPaths {
  private readonly excluded: PathSet;
  /** Added, changed, and every folder above such a one or above a mark: its time is kept with it. */
  private readonly wanted = new Set<string>();
  /** Folders that are the layer's own: all that is in one is new. */
  private readonly newFolders = new Set<string>();
  private readonly folders = new Set<string>(['/']);
  /** Removed, and there again as a folder. */
  private readonly replaced = new Set<string>();
  private readonly present = new Set<string>();

  constructor(
    changes: PathChange[],
    exclude: string[],
    private readonly removed: ReadonlySet<string>,
    private readonly excludedBelow: string[],
  ) {
    this.excluded = new PathSet(exclude.map(comparablePath));
    const added = changes.filter(({ change }) => change === 'added');
    this.added = new Set(added.map(({ path }) => comparablePath(path)));
    for (const { path, change } of changes) {
      if (change !== 'removed') this.wanted.add(comparablePath(path));
      this.wantFoldersOf(comparablePath(path));
    }
    for (const path of excludedBelow) this.wantFoldersOf(comparablePath(path));
  }

  private readonly added: ReadonlySet<string>;

  keeps({ path: name, kind }: RawEntry): boolean {
    const path = comparablePath(name);
    if (path === '/' || this.excluded.covers(path)) return false;
    const isRemoved = this.removed.has(path);
    if (isRemoved) this.present.add(path);
    const isNew = this.added.has(path) || this.newFolders.has(posix.dirname(path));
    if (!isNew && !isRemoved && !this.wanted.has(path)) return false;
    if (kind === 'directory') {
      this.folders.add(path);
      if (isRemoved) this.replaced.add(path);
      if (isNew || isRemoved) this.newFolders.add(path);
    }
    return true;
  }

  /** What is to be marked as gone, when all entries have been seen. */
  *marks(): Generator<string> {
    for (const path of this.removed) {
      if (this.present.has(path) || this.excluded.covers(path)) continue;
      if (this.folders.has(posix.dirname(path))) yield whiteout(path);
    }
    for (const path of this.replaced) yield posix.join(path, OPAQUE);
    for (const path of this.excludedBelow) {
      if (this.folders.has(posix.dirname(path))) yield whiteout(path);
    }
  }

  private wantFoldersOf(path: string): void {
    let folder = posix.dirname(path);
    while (folder !== '/' && !this.wanted.has(folder)) {
      this.wanted.add(folder);
      folder = posix.dirname(folder);
    }
  }
}

function whiteout(path: string): string {
  return posix.join(posix.dirname(path), WHITEOUT + posix.basename(path));
}

/** Empty files with these names, and the end of the archive. */
function marks(paths: Iterable<string>): AsyncIterable<Buffer> {
  const pack = tar.pack();
  const mtime = new Date(0);
  for (const path of paths) pack.entry({ name: path.slice(1), mode: 0, mtime }, '');
  pack.finalize();
  return pack as unknown as AsyncIterable<Buffer>;
}
