import { SandglassError } from '#shared/errors';
import type { EngineContext } from '../context';
import type { DockerApi, ImageDetails, LabelledImage } from '../docker';
import { builtImageKey } from './dockerfileScript';

/**
 * Images built in a sandbox. They have a repository of their own in Docker, so that no other image is
 * mistaken for one or replaced by one, and are removed with the sandbox.
 */

/** Docker's reference of an image by its name in the sandbox. @throws SandglassError `invalid_input` */
export function builtImageReference(sandboxId: string, image: string): string {
  const key = builtImageKey(image);
  if (key) return `sandglass-build/${sandboxId}:${key}`;
  throw notBuilt(image);
}

/** @throws SandglassError `invalid_input` if the sandbox has not built such an image */
export async function findBuiltImage(
  { docker }: EngineContext,
  sandboxId: string,
  image: string,
): Promise<ImageDetails> {
  const found = await docker.images.find(builtImageReference(sandboxId, image));
  if (found) return found;
  throw notBuilt(image);
}

/** Removes the images built in a sandbox. Snapshots made from them keep their layers. */
export async function removeBuiltImages(
  docker: DockerApi,
  home: string,
  sandboxId: string,
): Promise<void> {
  for (const image of await docker.images.listOwn(home, sandboxId)) {
    if (image.labels.kind === 'built') await removeBuiltImage(docker, image);
  }
}

export async function removeBuiltImage(
  docker: DockerApi,
  { imageId, tags }: LabelledImage,
): Promise<void> {
  const names = tags.filter((tag) => tag !== '<none>:<none>');
  for (const name of names.length > 0 ? names : [imageId]) await docker.images.remove(name);
}

function notBuilt(image: string): SandglassError {
  return new SandglassError(
    'invalid_input',
    `builtImage: this sandbox has not built an image "${image}".`,
    {
      field: 'builtImage',
      hint: 'Name an image that was built from a Dockerfile in this sandbox. To use an image of this computer or of a registry, create the snapshot from that image.',
    },
  );
}
