import { overlayRunConfig } from '#shared/contract/fields';
import { SandglassError } from '#shared/errors';
import { formatBytes } from '#shared/format';
import type { SnapshotRecord } from '../catalog';
import type { EngineContext } from '../context';
import type { ImageDetails } from '../docker';
import type { TaskControl } from '../tasks';
import { commitSnapshot } from './commitSnapshot';
import { readBack, snapshotLabels } from './newSnapshot';

/**
 * Makes a snapshot of an image that is here: labelled, tagged, and its own from then on. Leaves no
 * builder behind; the image of a failure is the caller's to discard.
 *
 * @throws SandglassError `image_unusable` (no shell), `invalid_input` (larger than its capacity)
 */
export async function snapshotFromImage(
  context: EngineContext,
  record: SnapshotRecord,
  image: ImageDetails,
  control: TaskControl,
): Promise<SnapshotRecord> {
  control.throwIfCancelled();
  control.step('Making the snapshot');
  const { containers } = context.docker;
  const { user, workDir, env } = record.runConfig;
  const change = { user: user ?? undefined, workDir: workDir ?? undefined, env };
  const described = { ...record, runConfig: overlayRunConfig(image, change) };
  refuseTooSmall(described.fsCapacityBytes, image.sizeBytes, record.name);
  const builderId = await containers.createBuilder(image.imageId, {
    ...snapshotLabels(context.identity, described),
    kind: 'builder',
  });
  try {
    await requireShell(context, builderId, record);
    await commitSnapshot(context, builderId, described, image, control);
  } finally {
    await containers.remove(builderId);
  }
  control.throwIfCancelled();
  return await readBack(context, described);
}

/** @throws SandglassError `invalid_input` when a capacity does not even hold what is there already */
export function refuseTooSmall(
  capacityBytes: number | null,
  sizeBytes: number | null,
  name: string,
): void {
  if (capacityBytes === null || sizeBytes === null || capacityBytes >= sizeBytes) return;
  throw new SandglassError(
    'invalid_input',
    `fsCapacityBytes: ${formatBytes(capacityBytes)} is too small: "${name}" alone has ${formatBytes(sizeBytes)}.`,
    { field: 'fsCapacityBytes', hint: `Give at least ${sizeBytes} bytes.` },
  );
}

/** A sandbox is kept up by a shell, and terminals need one. */
async function requireShell(
  context: EngineContext,
  builderId: string,
  record: SnapshotRecord,
): Promise<void> {
  if (await context.docker.archive.stat(builderId, '/bin/sh')) return;
  const what = record.image ? `The image ${record.image}` : `"${record.name}"`;
  throw new SandglassError('image_unusable', `${what} has no shell (/bin/sh).`, {
    field: 'image',
    hint: 'Use a variant with one: most "distroless" images have a ":debug" tag.',
  });
}
