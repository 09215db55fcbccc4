import { SandglassError } from '#shared/errors';
import type { EngineContext } from '../context';
import type { DockerApi, ImageDetails, LabelledImage } from '../docker';
import { builtImageKey } from './dockerfileScript';

/**
 * Images that were built in a sandbox. Docker has them under a name of ours, so that nobody's own image
 * is taken for one of them or replaced by one, and no longer than the sandbox is there.
 */

/** The name that Docker has for what the sandbox calls `image`. @throws SandglassError `invalid_input` */
export function builtImageReference(sandboxId: string, image: string): string {
  const key = builtImageKey(image);
  if (key) return `sandglass-build/${sandboxId}:${key}`;
  throw notBuilt(image);
}

/** @throws SandglassError `invalid_input` where the sandbox has built no such image */
export async function findBuiltImage(
  { docker }: EngineContext,
  sandboxId: string,
  image: string,
): Promise<ImageDetails> {
  const found = await docker.images.find(builtImageReference(sandboxId, image));
  if (found) return found;
  throw notBuilt(image);
}

/** Removes what a sandbox has built: a snapshot made of it keeps its layers. */
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
    `builtImage: this sandbox has built no image "${image}".`,
    {
      field: 'builtImage',
      hint: 'It names an image that a Dockerfile was built to in this sandbox. To start from an image of this computer or of a registry, create the snapshot from that image.',
    },
  );
}
