import type { DockerApi } from '../../docker';
import { snapshotImageName } from '../snapshotImage';

/** References of images from which a snapshot can be built without a pull, sorted. */
export async function localImages(docker: DockerApi): Promise<string[]> {
  const references = [...(await docker.images.tags()).keys()];
  const snapshotPrefix = snapshotImageName('');
  return references
    .filter((reference) => !reference.startsWith(snapshotPrefix) && reference !== '<none>:<none>')
    .sort();
}
