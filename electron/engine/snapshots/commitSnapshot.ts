import { Readable } from 'node:stream';
import type { SnapshotRecord } from '../catalog';
import type { EngineContext } from '../context';
import { builderLabels, type ImageDetails, type SandglassLabels } from '../docker';
import type { TaskControl } from '../tasks';
import { copyWithout, readWithout, withCopy } from './layer';
import { snapshotLabels } from './newSnapshot';
import { imageOf, snapshotImageName } from './snapshotImage';

/**
 * Number of layers from which an image is merged into one. Each commit adds a layer, and Docker refuses
 * more than 125 (moby layer.maxLayerDepth) to 127 (overlay2's limit of lower directories).
 */
const MAX_LAYERS = 100;

/**
 * Commits a container as the image of a snapshot, labelled and tagged, without the excluded paths.
 *
 * All layers are merged into one when the source has too many of them, or declares volumes: a sandbox
 * would keep the contents of a volume outside of its filesystem, and every capture would lose them.
 * Merging takes longer, shares no layer, and is shown as a step of its own.
 */
export async function commitSnapshot(
  context: EngineContext,
  containerId: string,
  record: SnapshotRecord,
  source: ImageDetails,
  control: TaskControl,
  exclude: string[] = [],
): Promise<void> {
  const { containers, images } = context.docker;
  const commit = (id: string) => commitAs(context, id, record, source);
  const labels = builderLabelsOf(context, record);
  if (source.layers.length < MAX_LAYERS && !source.hasVolumes) {
    if (exclude.length === 0) {
      await commit(containerId);
      return;
    }
    const id = await copyWithout(context, containerId, source, exclude, labels, control);
    try {
      await commit(id);
    } finally {
      await containers.remove(id);
    }
    return;
  }
  control.step(
    source.hasVolumes ? 'Merging layers and volumes' : `Merging ${source.layers.length} layers`,
  );
  const flatImage = await flatten(context, containerId, labels, control, exclude);
  let builderId: string | null = null;
  let done = false;
  try {
    builderId = await containers.createBuilder(flatImage, labels);
    await commit(builderId);
    done = true;
  } finally {
    if (builderId) await containers.remove(builderId);
    // Docker removes an untagged parent image together with its last child.
    if (!done) await images.remove(flatImage);
  }
}

/** Replaces a snapshot's image with one that has the record's labels, and the same layers and tag. */
export async function relabelSnapshot(
  context: EngineContext,
  record: SnapshotRecord,
): Promise<void> {
  const { containers, images } = context.docker;
  const image = await images.inspect(imageOf(record));
  const builderId = await containers.createBuilder(image.imageId, builderLabelsOf(context, record));
  try {
    await commitAs(context, builderId, record, image);
  } finally {
    await containers.remove(builderId);
  }
}

async function commitAs(
  context: EngineContext,
  containerId: string,
  record: SnapshotRecord,
  source: ImageDetails,
): Promise<void> {
  await context.docker.images.commit(containerId, {
    repository: snapshotImageName(record.name),
    tag: record.id,
    labels: snapshotLabels(context.identity, record),
    ...record.runConfig,
    entrypoint: source.entrypoint,
    command: source.command,
  });
}

function builderLabelsOf(context: EngineContext, record: SnapshotRecord): SandglassLabels {
  return { ...snapshotLabels(context.identity, record), kind: 'builder' };
}

/**
 * Merges all layers into one image. The files are read from a copy: the sandbox is paused only while
 * Docker makes that, and a crash of this process cannot leave it paused.
 */
async function flatten(
  context: EngineContext,
  containerId: string,
  labels: SandglassLabels,
  control: TaskControl,
  exclude: string[],
): Promise<string> {
  const { filesystems, imageArchives } = context.docker;
  const { signal } = control;
  return await withCopy(context, containerId, labels, async (copyId) => {
    const files =
      exclude.length === 0
        ? await filesystems.read(copyId, signal)
        : Readable.from(await readWithout(context, copyId, exclude, control), {
            objectMode: false,
          });
    return await imageArchives.importFilesystem(files, builderLabels(labels), { signal });
  });
}
