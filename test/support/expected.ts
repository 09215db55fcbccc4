import type { ContentsEntry, Difference } from '#shared/contract/contents';
import { comparePaths, type FoundEntry, filesystemOf } from './imageFacts/filesystem';

export { filesystemOf } from './imageFacts/filesystem';
export { expectedPackageDifferences, expectedPackages } from './imageFacts/packages';

/**
 * Contents of an image in the contract's types, determined without the product: by `docker export`, tar,
 * Python's lstat and the package managers.
 */

/** Differences between two images, in the order of paths. */
export async function expectedDifferences(
  host: string,
  before: string,
  after: string,
): Promise<Difference[]> {
  const old = await describedFilesystem(host, before);
  const now = await describedFilesystem(host, after);
  const paths = [...new Set([...old.keys(), ...now.keys()])].sort(comparePaths);
  return paths.flatMap((path) => {
    const [was, is] = [old.get(path), now.get(path)];
    const aspects = was && is ? aspectsOf(was, is) : [];
    if (was && is && aspects.length === 0) return [];
    return [
      {
        path,
        difference: !was ? 'added' : !is ? 'removed' : 'changed',
        before: was ? compared(was) : null,
        after: is ? compared(is) : null,
        aspects,
      },
    ];
  });
}

/** Bytes of added and of removed files; a changed file counts as both. */
export async function expectedBytes(host: string, before: string, after: string) {
  const old = await describedFilesystem(host, before);
  const now = await describedFilesystem(host, after);
  const sum = (one: typeof old, other: typeof old) =>
    [...one.values()]
      .filter(({ path, kind, sha256, counts }) => {
        const there = other.get(path);
        return counts && kind === 'file' && (there?.kind !== 'file' || there.sha256 !== sha256);
      })
      .reduce((total, { bytes }) => total + bytes, 0);
  return { addedBytes: sum(now, old), removedBytes: sum(old, now) };
}

/**
 * Lists a folder of an image, directories first, then by name. With a `parent`, an entry that differs from
 * it, or a directory with such an entry, is `own`.
 */
export async function expectedListing(
  host: string,
  image: string,
  path: string,
  parent?: string,
): Promise<ContentsEntry[]> {
  const prefix = path === '/' ? '/' : `${path}/`;
  const differing = parent ? await expectedDifferences(host, parent, image) : [];
  const isOwn = (entry: string) =>
    !parent ||
    differing.some((other) => other.path === entry || other.path.startsWith(`${entry}/`));
  return [...(await describedFilesystem(host, image)).values()]
    .filter((entry) => entry.path.startsWith(prefix))
    .filter((entry) => !entry.path.slice(prefix.length).includes('/'))
    .map((entry) => ({
      name: entry.path.slice(prefix.length),
      ...compared(entry),
      entryCount: entry.entryCount,
      modifiedAt: entry.kind === 'directory' ? null : entry.modifiedAt,
      own: isOwn(entry.path),
    }))
    .sort((a, b) => Number(b.kind === 'directory') - Number(a.kind === 'directory'));
}

interface DescribedEntry extends FoundEntry {
  /** Bytes of the file, or of all files below the directory. */
  total: number;
  entryCount: number;
}

async function describedFilesystem(
  host: string,
  image: string,
): Promise<Map<string, DescribedEntry>> {
  const entries = (await filesystemOf(host, image)).map((entry) => ({
    ...entry,
    total: entry.bytes,
    entryCount: 0,
  }));
  const found = new Map(entries.map((entry) => [entry.path, entry]));
  for (const { path, bytes, counts } of entries) {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const above = found.get(path.slice(0, end));
      if (!above) continue;
      above.entryCount += 1;
      above.total += counts ? bytes : 0;
    }
  }
  return found;
}

function aspectsOf(before: FoundEntry, after: FoundEntry): Difference['aspects'] {
  const aspects: Difference['aspects'] = [];
  const isSameKind = before.kind === after.kind;
  if (!isSameKind) aspects.push('kind');
  if (isSameKind && before.sha256 !== after.sha256) aspects.push('content');
  if (before.mode !== after.mode) aspects.push('mode');
  if (before.uid !== after.uid || before.gid !== after.gid) aspects.push('owner');
  if (isSameKind && before.linkTarget !== after.linkTarget) aspects.push('target');
  return aspects;
}

function compared({ kind, total, mode, uid, gid, linkTarget }: DescribedEntry) {
  return { kind, sizeBytes: total, mode, uid, gid, linkTarget };
}
