import { Readable } from 'node:stream';
import type { SnapshotRecord } from '../catalog';
import type { EngineContext } from '../context';
import type { ImageDetails, SandglassLabels } from '../docker';
import type { TaskControl } from '../tasks';
import { copyWithout, readWithout, withCopy } from './layer';
import { snapshotLabels } from './newSnapshot';
import { snapshotImageName, snapshotImageReference } from './snapshotImage';

/**
 * A commit adds a layer, and the daemon refuses more than 127 (overlay2's limit on lower
 * directories, moby layer.maxLayerDepth is 125). Well before that the layers are made one.
 */
const MOST_LAYERS = 100;

/**
 * Writes a container's filesystem as the image of a snapshot, labelled and tagged, without the paths that
 * are excluded.
 *
 * Mostly that is a plain commit. Where the image has many layers already, or declares volumes (whose
 * contents a sandbox would keep outside of its filesystem, and every capture would lose), all layers
 * are made one first: that takes longer and shares nothing, and is said in the progress.
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
  const builderLabels = builderLabelsOf(context, record);
  if (source.layers.length < MOST_LAYERS && !source.hasVolumes) {
    if (exclude.length === 0) {
      await commit(containerId);
      return;
    }
    const id = await copyWithout(context, containerId, source, exclude, builderLabels, control);
    try {
      await commit(id);
    } finally {
      await containers.remove(id);
    }
    return;
  }
  control.step(
    source.hasVolumes ? 'Joining layers and volumes' : `Joining ${source.layers.length} layers`,
  );
  const flatImage = await flatten(context, containerId, builderLabels, control, exclude);
  let builderId: string | null = null;
  let done = false;
  try {
    builderId = await containers.createBuilder(flatImage, builderLabels);
    await commit(builderId);
    done = true;
  } finally {
    if (builderId) await containers.remove(builderId);
    // The snapshot's image is based on it, and takes it along when it goes.
    if (!done) await images.remove(flatImage);
  }
}

/** Writes the labels that a snapshot has now into its image: another one under the same tag, with the same layers. */
export async function relabelSnapshot(
  context: EngineContext,
  record: SnapshotRecord,
): Promise<void> {
  const { containers, images } = context.docker;
  const image = await images.inspect(record.dockerImage ?? snapshotImageReference(record));
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
 * One image of all layers. It is read from a copy: the sandbox stands still only while that is made, and
 * a crash of ours cannot leave it frozen.
 */
async function flatten(
  context: EngineContext,
  containerId: string,
  labels: SandglassLabels,
  control: TaskControl,
  exclude: string[],
): Promise<string> {
  const { filesystems, images } = context.docker;
  return await withCopy(context, containerId, labels, async (copyId) => {
    const files =
      exclude.length === 0
        ? await filesystems.read(copyId, control.signal)
        : Readable.from(await readWithout(context, copyId, exclude, control), {
            objectMode: false,
          });
    return await images.flatten(files, labels, control.signal);
  });
}
