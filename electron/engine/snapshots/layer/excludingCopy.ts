import type { EngineContext } from '../../context';
import type { ImageDetails, SandglassLabels } from '../../docker';
import type { TaskControl } from '../../tasks';
import { byteProgress } from '../byteProgress';
import { changedLayer } from './changedLayer';
import { filteredTar, PathSet, type TarFilter } from './tarFilter';

/**
 * Captures without excluded paths. Their bytes must be in no layer, and stay in the sandbox: the capture is
 * read from a copy, filtered as a stream, and written into a new container or image.
 */

/** Keeps a copy of a container while `use` runs. The container is paused only while Docker makes it. */
export async function withCopy<T>(
  { docker: { containers, images } }: EngineContext,
  containerId: string,
  labels: SandglassLabels,
  use: (copyId: string) => Promise<T>,
): Promise<T> {
  const image = await images.commitCopy(containerId, labels);
  let copyId: string | null = null;
  try {
    copyId = await containers.createBuilder(image, labels);
    return await use(copyId);
  } finally {
    if (copyId) await containers.remove(copyId);
    await images.remove(image);
  }
}

/**
 * Creates a container of the image below with the changes of another container, without the excluded paths.
 * A commit of it shares all layers except one. Returns its id.
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
  const changesBefore = await filesystems.changes(containerId, signal);
  return await withCopy(context, containerId, labels, async (copyId) => {
    // A change during the copy is in at least one of the two lists.
    const changes = [...changesBefore, ...(await filesystems.changes(containerId, signal))];
    control.throwIfCancelled();
    const builderId = await containers.createBuilder(below.imageId, labels);
    try {
      const excludedBelow: string[] = [];
      for (const path of exclude) {
        if (await archive.stat(builderId, path)) excludedBelow.push(path);
      }
      const { totalBytes } = await filesystems.size(copyId, signal);
      const files = await filesystems.read(copyId, signal);
      const options = filterOptions(context, copyId, totalBytes, control);
      const layer = changedLayer({ files, changes, exclude, excludedBelow }, options);
      await filesystems.write(builderId, layer, signal);
      control.throwIfCancelled();
      return builderId;
    } catch (thrown) {
      await containers.remove(builderId);
      throw thrown;
    }
  });
}

/** Tar archive of a container's whole filesystem, without the excluded paths. */
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
    ...filterOptions(context, copyId, totalBytes, control),
    includes: ({ path }) => !excluded.covers(path),
  });
}

/** `bytesTotal` is the size of the files: headers and padding make the archive larger. */
function filterOptions(
  { docker: { archive } }: EngineContext,
  copyId: string,
  bytesTotal: number,
  control: TaskControl,
): Omit<TarFilter, 'includes'> {
  return {
    readFile: (path) => archive.pack(copyId, path, control.signal),
    onBytes: byteProgress(control, bytesTotal),
  };
}
