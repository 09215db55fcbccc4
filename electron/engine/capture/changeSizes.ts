import type { DockerApi } from '../docker';
import { describeFile } from '../docker';
import { comparablePath, readTar } from '../snapshots';
import type { ChangeTree } from './changeTree';

/** What the daemon takes to look at one file of a sandbox, in milliseconds. */
const LOOK_MS = 2;
/** How much of a filesystem it reads out in a millisecond, in bytes. */
const READ_BYTES = 100_000;
/** So many looks at once: more are not faster. */
const AT_ONCE = 4;
/** What is not measured by then stays unknown. Milliseconds. */
const PATIENCE_MS = 60_000;

/**
 * Finds out how large the files of a tree are: one by one, or, where they are many, by reading the whole
 * filesystem once. Archives of single folders would be faster, but each keeps the sandbox's commands
 * waiting for as long as it is read.
 */
export async function measureSizes(
  docker: DockerApi,
  containerId: string,
  tree: ChangeTree,
  totalBytes: number,
  signal: AbortSignal,
): Promise<void> {
  const late = AbortSignal.timeout(PATIENCE_MS);
  const stop = AbortSignal.any([signal, late]);
  const isFewer = tree.measured.total * LOOK_MS < totalBytes / READ_BYTES;
  try {
    await (isFewer ? lookAtEach : readAll)(docker, containerId, tree, stop);
  } catch (thrown) {
    if (!late.aborted || signal.aborted) throw thrown;
  }
}

async function lookAtEach(
  { archive }: DockerApi,
  containerId: string,
  tree: ChangeTree,
  signal: AbortSignal,
): Promise<void> {
  const paths = tree.unmeasured();
  const worker = async () => {
    for (const path of paths) {
      signal.throwIfAborted();
      const stat = await archive.stat(containerId, path);
      if (!stat) tree.measure(path, null, 0);
      else {
        const { kind, sizeBytes } = describeFile(path, stat);
        tree.measure(path, kind, kind === 'file' ? sizeBytes : 0);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

async function readAll(
  { filesystems }: DockerApi,
  containerId: string,
  tree: ChangeTree,
  signal: AbortSignal,
): Promise<void> {
  for await (const entry of readTar(await filesystems.read(containerId, signal))) {
    // A link's bytes are counted where they come first.
    const kind = entry.kind === 'link' ? 'file' : entry.kind;
    tree.measure(comparablePath(entry.path), kind, entry.sizeBytes);
    if (tree.measured.done === tree.measured.total) return;
  }
}
