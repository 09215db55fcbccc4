import { overlayRunConfig } from '#shared/contract/fields';
import { SandglassError } from '#shared/errors';
import { formatBytes } from '#shared/format';
import type { SnapshotRecord } from '../catalog';
import type { EngineContext } from '../context';
import type { ImageDetails } from '../docker';
import type { TaskControl } from '../tasks';
import { commitSnapshot } from './commitSnapshot';
import { readFinished, snapshotLabels } from './newSnapshot';

/**
 * Creates a snapshot's image from a local one, with labels and tag. Removes its builder container in any
 * case; after a failure, the caller removes the snapshot's image.
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
  control.step('Creating the snapshot');
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
  return await readFinished(context, described);
}

/** @throws SandglassError `invalid_input` when a capacity is smaller than the snapshot itself */
export function refuseTooSmall(
  capacityBytes: number | null,
  sizeBytes: number | null,
  name: string,
): void {
  if (capacityBytes === null || sizeBytes === null || capacityBytes >= sizeBytes) return;
  throw new SandglassError(
    'invalid_input',
    `fsCapacityBytes: ${formatBytes(capacityBytes)} is too small: "${name}" alone takes ${formatBytes(sizeBytes)}.`,
    { field: 'fsCapacityBytes', hint: `Specify at least ${sizeBytes} bytes.` },
  );
}

/** A sandbox's init process and its terminals need a shell. */
async function requireShell(
  context: EngineContext,
  builderId: string,
  record: SnapshotRecord,
): Promise<void> {
  if (await context.docker.archive.stat(builderId, '/bin/sh')) return;
  const subject = record.image ? `The image ${record.image}` : `"${record.name}"`;
  throw new SandglassError('image_unusable', `${subject} has no shell (/bin/sh).`, {
    field: 'image',
    hint: 'Use a variant with a shell: most "distroless" images have a ":debug" tag.',
  });
}
