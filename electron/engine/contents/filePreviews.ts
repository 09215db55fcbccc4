import type { FilePreview } from '#shared/contract/contents';
import type { EngineContext } from '../context';
import { requireFile } from '../docker';
import type { SnapshotContainers } from '../snapshots';
import { imageTypeOf, textOf } from './fileBytes';
import { readStart, resolveFile } from './snapshotFile';

/** Maximum length of a text preview. Bytes. */
const MAX_TEXT_BYTES = 512 * 1024;
/** Maximum size of an image preview. Bytes. */
const MAX_IMAGE_BYTES = 8 * 1024 ** 2;

/** Previews files of snapshots without booting a sandbox. */
export class FilePreviews {
  constructor(
    private readonly context: EngineContext,
    private readonly containers: SnapshotContainers,
  ) {}

  /** @throws SandglassError `not_found`, `file_not_found`, `not_a_file`, `engine_unreachable` */
  async preview(snapshotId: string, path: string, signal?: AbortSignal): Promise<FilePreview> {
    const { archive } = this.context.docker;
    return await this.containers.use(snapshotId, async ({ containerId }, released) => {
      const found = await resolveFile(archive, containerId, path);
      requireFile(found.stat, path);
      const size = found.stat.sizeBytes;
      const signals = AbortSignal.any(signal ? [signal, released] : [released]);
      const file = { containerId, path: found.path };
      const read = (length: number) => readStart(archive, file, length, signals);

      const beginning = await read(Math.min(size, MAX_TEXT_BYTES));
      const isWhole = beginning.length === size;
      const mimeType = imageTypeOf(beginning);
      if (mimeType && size > MAX_IMAGE_BYTES) return { type: 'too_large' };
      if (mimeType) {
        return { type: 'image', mimeType, bytes: isWhole ? beginning : await read(size) };
      }
      const text = textOf(beginning, isWhole);
      return text === null ? { type: 'binary' } : { type: 'text', text, isWhole };
    });
  }
}
