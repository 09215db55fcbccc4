import { posix } from 'node:path';
import type { Readable } from 'node:stream';
import tar from 'tar-stream';
import type { PathChange } from '../../docker';
import { comparablePath, type RawEntry } from './rawTar';
import { includedEntries, PathSet, type TarFilter } from './tarFilter';

/** Names of whiteout files (OCI image specification, Image Layer Filesystem Changeset). */
const WHITEOUT_PREFIX = '.wh.';
const OPAQUE_WHITEOUT = '.wh..wh..opq';

export interface LayerSource {
  /** Tar archive of a whole filesystem. */
  files: Readable;
  /** Changes of that filesystem, listed before and after its copy was made. Extra ones are harmless. */
  changes: PathChange[];
  /** Paths to leave out of the layer. */
  exclude: string[];
  /** Excluded paths that the image below has. */
  excludedBelow: string[];
}

/**
 * Tar archive of the layer between a filesystem and the image below it: added and changed entries, byte for
 * byte, and whiteouts for removed and excluded ones.
 */
export async function* changedLayer(
  { files, changes, exclude, excludedBelow }: LayerSource,
  options: Omit<TarFilter, 'includes'>,
): AsyncGenerator<Buffer> {
  const removed = new Set(
    changes.filter(({ change }) => change === 'removed').map(({ path }) => comparablePath(path)),
  );
  const layer = new LayerPaths(changes, exclude, removed, excludedBelow);
  yield* includedEntries(files, { ...options, includes: (entry) => layer.includes(entry) });
  for await (const chunk of emptyFiles(layer.whiteouts())) yield chunk;
}

/** Paths of a layer. They are tested in the archive's order, in which a folder precedes its entries. */
class LayerPaths {
  private readonly excluded: PathSet;
  private readonly added: ReadonlySet<string>;
  /** Added and changed paths, and the folders above all changes and whiteouts, for their timestamps. */
  private readonly changed = new Set<string>();
  /** Folders that the image below does not have: all of their entries belong to the layer. */
  private readonly newFolders = new Set<string>();
  /** Folders in the layer, which can contain whiteouts. */
  private readonly folders = new Set<string>(['/']);
  /** Removed folders that exist again. */
  private readonly replacedFolders = new Set<string>();
  /** Removed paths that exist again. */
  private readonly recreated = new Set<string>();

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
      if (change !== 'removed') this.changed.add(comparablePath(path));
      this.addFoldersOf(comparablePath(path));
    }
    for (const path of excludedBelow) this.addFoldersOf(comparablePath(path));
  }

  includes({ path: name, kind }: RawEntry): boolean {
    const path = comparablePath(name);
    if (path === '/' || this.excluded.covers(path)) return false;
    const isRemoved = this.removed.has(path);
    if (isRemoved) this.recreated.add(path);
    const isNew = this.added.has(path) || this.newFolders.has(posix.dirname(path));
    if (!isNew && !isRemoved && !this.changed.has(path)) return false;
    if (kind === 'directory') {
      this.folders.add(path);
      if (isRemoved) this.replacedFolders.add(path);
      if (isNew || isRemoved) this.newFolders.add(path);
    }
    return true;
  }

  /** Paths of the whiteout files. Valid after all entries have been tested. */
  *whiteouts(): Generator<string> {
    for (const path of this.removed) {
      if (this.recreated.has(path) || this.excluded.covers(path)) continue;
      if (this.folders.has(posix.dirname(path))) yield whiteoutOf(path);
    }
    for (const path of this.replacedFolders) yield posix.join(path, OPAQUE_WHITEOUT);
    for (const path of this.excludedBelow) {
      if (this.folders.has(posix.dirname(path))) yield whiteoutOf(path);
    }
  }

  private addFoldersOf(path: string): void {
    let folder = posix.dirname(path);
    while (folder !== '/' && !this.changed.has(folder)) {
      this.changed.add(folder);
      folder = posix.dirname(folder);
    }
  }
}

function whiteoutOf(path: string): string {
  return posix.join(posix.dirname(path), WHITEOUT_PREFIX + posix.basename(path));
}

/** Tar entries of empty files, and the end of the archive. */
function emptyFiles(paths: Iterable<string>): AsyncIterable<Buffer> {
  const pack = tar.pack();
  const mtime = new Date(0);
  for (const path of paths) pack.entry({ name: path.slice(1), mode: 0, mtime }, '');
  pack.finalize();
  return pack as unknown as AsyncIterable<Buffer>;
}
