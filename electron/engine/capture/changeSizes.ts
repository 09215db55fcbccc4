import pMap from 'p-map';
import { type DockerApi, describeFile } from '../docker';
import { comparablePath, readTar } from '../snapshots';
import type { ChangeTree } from './changeTree';

/** Measured time of one stat request. */
const STAT_MS = 2;
/** Measured throughput of an export of the filesystem. */
const EXPORT_BYTES_PER_MS = 100_000;
/** Concurrent stat requests; more of them are not faster. */
const STAT_CONCURRENCY = 4;
/** Limit of the measurement. Sizes that are missing by then stay unknown. */
const MEASURE_TIMEOUT_MS = 60_000;

/**
 * Measures the files of a tree: by one stat request each, or, if there are many, by one export of the whole
 * filesystem. Archives of single folders would be faster, but each blocks the sandbox's commands while it is
 * read.
 */
export async function measureSizes(
  docker: DockerApi,
  containerId: string,
  tree: ChangeTree,
  totalBytes: number,
  signal: AbortSignal,
): Promise<void> {
  const timeout = AbortSignal.timeout(MEASURE_TIMEOUT_MS);
  const stop = AbortSignal.any([signal, timeout]);
  const isStatFaster = tree.measured.total * STAT_MS < totalBytes / EXPORT_BYTES_PER_MS;
  try {
    await (isStatFaster ? statEach : exportAll)(docker, containerId, tree, stop);
  } catch (thrown) {
    if (!timeout.aborted || signal.aborted) throw thrown;
  }
}

async function statEach(
  { archive }: DockerApi,
  containerId: string,
  tree: ChangeTree,
  signal: AbortSignal,
): Promise<void> {
  const measure = async (path: string) => {
    const stat = await archive.stat(containerId, path);
    if (!stat) return tree.measure(path, null, 0);
    const { kind, sizeBytes } = describeFile(path, stat);
    tree.measure(path, kind, kind === 'file' ? sizeBytes : 0);
  };
  await pMap(tree.unmeasured(), measure, { concurrency: STAT_CONCURRENCY, signal });
}

async function exportAll(
  { filesystems }: DockerApi,
  containerId: string,
  tree: ChangeTree,
  signal: AbortSignal,
): Promise<void> {
  for await (const entry of readTar(await filesystems.read(containerId, signal))) {
    // A hard link has no body: its bytes are counted for the file that precedes it.
    const kind = entry.kind === 'link' ? 'file' : entry.kind;
    tree.measure(comparablePath(entry.path), kind, entry.sizeBytes);
    if (tree.measured.done === tree.measured.total) return;
  }
}
