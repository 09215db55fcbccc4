import { asFile, linkTo, type RawEntry, readTar } from './rawTar';

/** Set of paths with everything below them. */
export class PathSet {
  private readonly paths: ReadonlySet<string>;

  constructor(paths: Iterable<string>) {
    this.paths = new Set(paths);
  }

  /** True for a path of the set, and for any path below one. */
  covers(path: string): boolean {
    if (this.paths.size === 0) return false;
    for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
      if (this.paths.has(path.slice(0, end))) return true;
    }
    return false;
  }
}

export interface TarFilter {
  /** Called once for each entry, in the archive's order. */
  includes(entry: RawEntry): boolean;
  /** Reads a regular file of the same filesystem, as a tar archive of one entry. */
  readFile(path: string): Promise<AsyncIterable<Buffer>>;
  /** Receives the length of each chunk of the source archive in bytes. */
  onBytes?(bytes: number): void;
}

/** End-of-archive marker: two blocks of zeros (POSIX.1-2001, ustar Interchange Format). */
const END_OF_ARCHIVE = Buffer.alloc(1024);

/**
 * Included entries of an archive, byte for byte, without an end-of-archive marker. The first included hard
 * link to an excluded file becomes that file, and the following ones become links to it.
 */
export async function* includedEntries(
  archive: AsyncIterable<Buffer>,
  filter: TarFilter,
): AsyncGenerator<Buffer> {
  /** Excluded files, which later entries may link to. */
  const excludedFiles = new Set<string>();
  /** First included link to each excluded file, keyed by the excluded path. */
  const replacements = new Map<string, RawEntry>();
  for await (const entry of readTar(counted(archive, filter.onBytes))) {
    const { kind, path, linkPath } = entry;
    if (!filter.includes(entry)) {
      if (kind === 'file') excludedFiles.add(path);
      continue;
    }
    if (kind !== 'link' || linkPath === null || !excludedFiles.has(linkPath)) {
      yield entry.header;
      yield* entry.body();
      continue;
    }
    const replacement = replacements.get(linkPath);
    if (replacement) {
      yield linkTo(entry, replacement);
      continue;
    }
    replacements.set(linkPath, entry);
    for await (const file of readTar(await filter.readFile(path))) {
      yield asFile(entry, file.sizeBytes);
      yield* file.body();
      break;
    }
  }
}

/** Archive of the included entries, with an end-of-archive marker. */
export async function* filteredTar(
  archive: AsyncIterable<Buffer>,
  filter: TarFilter,
): AsyncGenerator<Buffer> {
  yield* includedEntries(archive, filter);
  yield END_OF_ARCHIVE;
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
