import type { EngineContext } from '../context';
import type { SandglassLabels, StoredImage } from '../docker';
import { COMMIT_COMMENT } from '../docker';
import type { Measurement } from './diskMeter';
import type { ImageStore } from './imageLayers';

/** A Docker object of this home that nothing uses any more. */
export interface LeftOver {
  /** Docker's id or, of a volume, name. */
  id: string;
  kind: 'image' | 'container' | 'volume';
  name: string;
  reason: string;
  /** Size in bytes; 0 for images, which are measured by layer. */
  bytes: number;
}

/**
 * Finds the remains of a crash, and images that lost their name to a `docker` command. Only objects with
 * this home's labels count. Images that others have built on a snapshot inherit its labels, so an
 * untagged image also has to end with a commit of this app.
 */
export async function findLeftOvers(
  context: EngineContext,
  store: ImageStore,
  measured: Measurement,
): Promise<LeftOver[]> {
  const { catalog, identity, tasks } = context;
  const isUnused = (labels: SandglassLabels | null): labels is SandglassLabels =>
    labels?.home === identity && !tasks.isBusy(labels.id);

  const found: LeftOver[] = [];
  for (const image of store.images) {
    if (image.names.length > 0 || !isUnused(image.labels)) continue;
    if ((store.containersOf.get(image.imageId) ?? []).length > 0) continue;
    if (!(await isCommittedHere(context, image))) continue;
    const reason = 'An image without a name';
    found.push({ id: image.imageId, kind: 'image', name: image.labels.name, reason, bytes: 0 });
  }
  const written = new Map(measured.containers.map((c) => [c.containerId, c.writtenBytes]));
  for (const { containerId, labels } of await context.docker.containers.listOwn(identity)) {
    if (labels.kind !== 'builder' || !isUnused(labels)) continue;
    const bytes = written.get(containerId) ?? 0;
    const reason = 'Left over from an interrupted build';
    found.push({ id: containerId, kind: 'container', name: labels.name, reason, bytes });
  }
  for (const { name, labels, bytes, isUsed } of measured.volumes) {
    if (!isUnused(labels) || isUsed || catalog.sandboxes.find(labels.id)) continue;
    const reason = 'The files of a deleted sandbox';
    found.push({ id: name, kind: 'volume', name: labels.name, reason, bytes });
  }
  return found;
}

async function isCommittedHere({ docker }: EngineContext, image: StoredImage): Promise<boolean> {
  if (image.labels?.kind === 'builder') return true;
  const last = (await docker.storage.historyOf(image.imageId)).at(-1);
  return last?.comment.startsWith(COMMIT_COMMENT) ?? false;
}

/** Removes a left-over, unless it is gone already. */
export async function removeLeftOver(
  { docker }: EngineContext,
  { id, kind }: LeftOver,
): Promise<void> {
  if (kind === 'image') await docker.images.remove(id);
  if (kind === 'container') await docker.containers.remove(id);
  if (kind === 'volume') await docker.volumes.remove(id);
}
