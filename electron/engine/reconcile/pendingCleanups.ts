import type { EngineContext } from '../context';
import type { DockerApi } from '../docker';
import { tmpVolumeName } from '../sandboxes';

/** Completes the cleanups that operations recorded while Docker was unreachable. */
export async function completePendingCleanups(
  { catalog, identity }: EngineContext,
  docker: DockerApi,
): Promise<void> {
  const pending = new Map(catalog.pendingCleanups.all().map(({ id, kind }) => [id, kind]));
  if (pending.size === 0) return;
  for (const { containerId, labels } of await docker.containers.listOwn(identity)) {
    if (pending.has(labels.id)) await docker.containers.remove(containerId);
  }
  for (const { labels, imageId } of await docker.images.listOwn(identity)) {
    if (pending.get(labels.id) === 'snapshot') await docker.images.remove(imageId);
  }
  for (const [id, kind] of pending) {
    if (kind === 'sandbox') await docker.volumes.remove(tmpVolumeName(id));
    catalog.pendingCleanups.resolve(id);
  }
}
