import type { EngineContext } from '../context';
import type { SandglassLabels, StoredImage } from '../docker';
import { COMMIT_COMMENT } from '../docker';
import type { Measurement } from './diskMeter';
import type { ImageStore } from './imageLayers';

/** What this Sandglass has made and nothing of it needs any more. */
export interface LeftOver {
  /** Docker's own. */
  id: string;
  kind: 'image' | 'container' | 'volume';
  name: string;
  reason: string;
  /** Of an image nothing: its layers tell. */
  bytes: number;
}

/**
 * What lies about after a crash, or after somebody's `docker` has taken an image's name away. Only what
 * has this home's labels: an image that others have built on one of ours has those too, so of a nameless
 * one its last step tells whether it was committed here.
 */
export async function findLeftOvers(
  context: EngineContext,
  store: ImageStore,
  measured: Measurement,
): Promise<LeftOver[]> {
  const { catalog, identity, tasks } = context;
  const isLost = (labels: SandglassLabels | null): labels is SandglassLabels =>
    labels?.home === identity && !tasks.isBusy(labels.id);

  const found: LeftOver[] = [];
  for (const image of store.images) {
    if (image.names.length > 0 || !isLost(image.labels)) continue;
    if ((store.containersOf.get(image.imageId) ?? []).length > 0) continue;
    if (!(await isCommittedHere(context, image))) continue;
    const reason = 'An image that has lost its name';
    found.push({ id: image.imageId, kind: 'image', name: image.labels.name, reason, bytes: 0 });
  }
  const written = new Map(measured.containers.map((c) => [c.containerId, c.writtenBytes]));
  for (const { containerId, labels } of await context.docker.containers.listOwn(identity)) {
    if (labels.kind !== 'builder' || !isLost(labels)) continue;
    const bytes = written.get(containerId) ?? 0;
    const reason = 'Left over from a build that broke off';
    found.push({ id: containerId, kind: 'container', name: labels.name, reason, bytes });
  }
  for (const { name, labels, bytes, isUsed } of measured.volumes) {
    if (!isLost(labels) || isUsed || catalog.sandboxes.find(labels.id)) continue;
    const reason = 'The files of a sandbox that is gone';
    found.push({ id: name, kind: 'volume', name: labels.name, reason, bytes });
  }
  return found;
}

async function isCommittedHere({ docker }: EngineContext, image: StoredImage): Promise<boolean> {
  if (image.labels?.kind === 'builder') return true;
  const last = (await docker.storage.historyOf(image.imageId)).at(-1);
  return last?.comment.startsWith(COMMIT_COMMENT) ?? false;
}

/** Removes one. Gone already is fine. */
export async function removeLeftOver(
  { docker }: EngineContext,
  { id, kind }: LeftOver,
): Promise<void> {
  if (kind === 'image') await docker.images.remove(id);
  if (kind === 'container') await docker.containers.remove(id);
  if (kind === 'volume') await docker.volumes.remove(id);
}
