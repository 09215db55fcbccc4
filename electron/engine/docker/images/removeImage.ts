import type Docker from 'dockerode';
import { ignoringGone, mapped } from '../errors';

/**
 * Removes a tag, and the image with its last tag. A missing image is no error. A call that fails because
 * another client removes a parent of the image meanwhile is repeated once.
 *
 * @throws SandglassError `conflict` (in use), `engine_unreachable`, `engine_error`
 */
export async function removeImage(
  docker: Docker,
  reference: string,
  subject = `The image ${reference}`,
): Promise<void> {
  const remove = () => mapped(subject, () => docker.getImage(reference).remove());
  await ignoringGone(() =>
    remove().catch((thrown: unknown) => {
      // The image store's error for a missing parent (moby, image/store.go).
      if (!/unrecognized image ID/.test(String(thrown))) throw thrown;
      return remove();
    }),
  );
}
