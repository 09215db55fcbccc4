import type { EngineContext } from '../../context';
import type { ImageDetails, SandglassLabels } from '../../docker';
import type { TaskControl } from '../../tasks';
import { changedLayer } from './changedLayer';
import { filteredTar, PathSet, type TarFilter } from './tarFilter';

/**
 * Captures without some of the files. Their bytes may be in no layer, and the sandbox keeps them: so what
 * is captured is read out of a copy, filtered on its way, and written into something new.
 */

/** Has a copy of a container for as long as `use` runs. It stands still only while that is made. */
export async function withCopy<T>(
  { docker: { containers, images } }: EngineContext,
  containerId: string,
  labels: SandglassLabels,
  use: (copyId: string) => Promise<T>,
): Promise<T> {
  const copy = await images.commitCopy(containerId, labels);
  let copyId: string | null = null;
  try {
    copyId = await containers.createBuilder(copy, labels);
    return await use(copyId);
  } finally {
    if (copyId) await containers.remove(copyId);
    await images.remove(copy);
  }
}

/**
 * Makes a container of the image below, and writes into it what the other one has changed, without the
 * excluded paths: a commit of it shares all layers but one. Returns its id.
 */
export async function copyWithout(
  context: EngineContext,
  containerId: string,
  below: ImageDetails,
  exclude: string[],
  labels: SandglassLabels,
  control: TaskControl,
): Promise<string> {
  const { containers, filesystems, archive } = context.docker;
  const { signal } = control;
  const before = await filesystems.changes(containerId, signal);
  return await withCopy(context, containerId, labels, async (copyId) => {
    // What is changed while the copy is made is in one of the two lists.
    const changes = [...before, ...(await filesystems.changes(containerId, signal))];
    control.throwIfCancelled();
    const builderId = await containers.createBuilder(below.imageId, labels);
    try {
      const excludedBelow: string[] = [];
      for (const path of exclude) {
        if (await archive.stat(builderId, path)) excludedBelow.push(path);
      }
      const { totalBytes } = await filesystems.size(copyId, signal);
      const files = await filesystems.read(copyId, signal);
      const filter = filterOf(context, copyId, totalBytes, control);
      const layer = changedLayer({ files, changes, exclude, excludedBelow }, filter);
      await filesystems.write(builderId, layer, signal);
      control.throwIfCancelled();
      return builderId;
    } catch (thrown) {
      await containers.remove(builderId);
      throw thrown;
    }
  });
}

/** A container's whole filesystem without the excluded paths, as a tar archive. */
export async function readWithout(
  context: EngineContext,
  copyId: string,
  exclude: string[],
  control: TaskControl,
): Promise<AsyncIterable<Buffer>> {
  const { filesystems } = context.docker;
  const { totalBytes } = await filesystems.size(copyId, control.signal);
  const files = await filesystems.read(copyId, control.signal);
  const excluded = new PathSet(exclude);
  return filteredTar(files, {
    ...filterOf(context, copyId, totalBytes, control),
    keep: ({ path }) => !excluded.covers(path),
  });
}

function filterOf(
  { docker: { archive } }: EngineContext,
  copyId: string,
  bytesTotal: number,
  control: TaskControl,
): Omit<TarFilter, 'keep'> {
  let bytesDone = 0;
  return {
    readFile: (path) => archive.pack(copyId, path, control.signal),
    onBytes: (bytes) => {
      bytesDone += bytes;
      // Headers and padding make the archive larger than what is in it.
      const fraction = bytesTotal > 0 ? Math.min(bytesDone / bytesTotal, 1) : null;
      control.progress({ bytesDone: Math.min(bytesDone, bytesTotal), bytesTotal, fraction });
    },
  };
}
