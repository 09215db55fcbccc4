import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { mapped } from '../errors';
import { type UploadOptions, uploadStream } from '../files';
import { followProgress } from './followProgress';
import { removeImage } from './removeImage';

/** Images as tar archives: `docker import`, `docker load` and `docker save`. */
export class ImageArchives {
  constructor(private readonly docker: Docker) {}

  /**
   * Imports a tar archive of a root filesystem as an image of one layer, untagged and without
   * configuration. Returns its id.
   *
   * @param labels values without quotes or white space: they are sent as Dockerfile instructions
   * @throws SandglassError `disk_full`, `engine_error`; the signal's reason when it aborts
   */
  async importFilesystem(
    files: Readable,
    labels: Record<string, string>,
    options: UploadOptions,
  ): Promise<string> {
    const subject = 'The filesystem';
    const changes = Object.entries(labels).map(([key, value]) => `LABEL ${key}=${value}`);
    const imageId = await mapped(subject, () =>
      uploadStream(files, options, async (body, abortSignal) => {
        const stream = await this.docker.importImage(body, { changes, abortSignal } as object);
        const events = await followProgress<{ status?: string; error?: string }>(
          this.docker,
          stream,
          { subject },
        );
        const id = events.at(-1)?.status;
        if (!id) throw new Error('Docker returned no image id for the import.');
        return id;
      }),
    );
    if (!options.signal.aborted) return imageId;
    await removeImage(this.docker, imageId, subject);
    throw options.signal.reason;
  }

  /**
   * Loads a `docker save` archive. Returns the tags or ids of its images, also after an abort if
   * Docker had received the whole archive by then.
   */
  async load(archive: Readable, options: UploadOptions): Promise<string[]> {
    const subject = 'The archive';
    return await mapped(subject, async () => {
      const events = await uploadStream(archive, options, async (body, abortSignal) => {
        const query = { quiet: true, abortSignal } as object;
        return await followProgress<{ stream?: string; error?: string }>(
          this.docker,
          await this.docker.loadImage(body as never, query),
          { subject },
        );
      });
      const output = events.map(({ stream }) => stream ?? '').join('');
      return [...output.matchAll(/^Loaded image(?: ID)?: (\S+)$/gm)].map(([, name]) => name ?? '');
    });
  }

  /** Saves an image with all its layers as a `docker save` archive. */
  async save(reference: string): Promise<NodeJS.ReadableStream> {
    return await mapped(`The image ${reference}`, () => this.docker.getImage(reference).get());
  }
}
