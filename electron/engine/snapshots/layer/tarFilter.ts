import { asFile, linkTo, type RawEntry, readTar } from './rawTar';

/** Paths, and all that is below each. */
export class PathSet {
  private readonly paths: ReadonlySet<string>;

  constructor(paths: Iterable<string>) {
    this.paths = new Set(paths);
  }

  /** True for one of them and for whatever is below one. */
  covers(path: string): boolean {
    if (this.paths.size === 0) return false;
    for (let at = path.length; at > 0; at = path.lastIndexOf('/', at - 1)) {
      if (this.paths.has(path.slice(0, at))) return true;
    }
    return false;
  }
}

export interface TarFilter {
  /** Asked for each entry, in the archive's order. */
  keep(entry: RawEntry): boolean;
  /** A file's own bytes, as a tar archive of that one path. */
  readFile(path: string): Promise<AsyncIterable<Buffer>>;
  onBytes?(bytes: number): void;
}

const END = Buffer.alloc(1024);

/**
 * The entries that are kept, without an end, byte by byte as they came. A hard link to a file that is not
 * kept becomes that file, and further links to it lead there.
 */
export async function* keptEntries(
  archive: AsyncIterable<Buffer>,
  filter: TarFilter,
): AsyncGenerator<Buffer> {
  /** Files that later entries may be links to, by the path those name; of other files, nothing. */
  const dropped = new Set<string>();
  const moved = new Map<string, RawEntry>();
  for await (const entry of readTar(counted(archive, filter.onBytes))) {
    const { kind, path, linkPath } = entry;
    if (!filter.keep(entry)) {
      if (kind === 'file') dropped.add(path);
      continue;
    }
    if (kind !== 'link' || linkPath === null || !dropped.has(linkPath)) {
      yield entry.header;
      yield* entry.body();
      continue;
    }
    const first = moved.get(linkPath);
    if (first) {
      yield linkTo(entry, first);
      continue;
    }
    moved.set(linkPath, entry);
    for await (const file of readTar(await filter.readFile(path))) {
      yield asFile(entry, file.sizeBytes);
      yield* file.body();
      break;
    }
  }
}

/** A whole archive of the entries that are kept. */
export async function* filteredTar(
  archive: AsyncIterable<Buffer>,
  filter: TarFilter,
): AsyncGenerator<Buffer> {
  yield* keptEntries(archive, filter);
  yield END;
}

async function* counted(
  chunks: AsyncIterable<Buffer>,
  onBytes: ((bytes: number) => void) | undefined,
): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    onBytes?.(chunk.length);
    yield chunk;
  }
}
