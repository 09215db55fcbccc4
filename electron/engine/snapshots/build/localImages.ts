import type { DockerApi } from '../../docker';
import { snapshotImageName } from '../snapshotImage';

/** The references that a snapshot can be built from without a pull, in order. */
export async function localImages(docker: DockerApi): Promise<string[]> {
  const references = [...(await docker.images.tags()).keys()];
  const snapshots = snapshotImageName('');
  return references
    .filter((reference) => !reference.startsWith(snapshots) && reference !== '<none>:<none>')
    .sort();
}
