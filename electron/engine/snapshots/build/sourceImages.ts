import type { EngineContext } from '../../context';
import { type ImageDetails, type RegistryLogin, withDefaultTag } from '../../docker';
import type { TaskControl } from '../../tasks';

interface SourceImage {
  useCount: number;
  /** True when Docker had the image before: its tag is the user's and stays. */
  wasLocal: boolean;
}

/**
 * Images from which snapshots are built. A pulled image loses its tag when its last build has ended: the
 * snapshot keeps the layers, and deleting the snapshot frees them.
 */
export class SourceImages {
  private readonly inUse = new Map<string, SourceImage>();

  constructor(private readonly context: EngineContext) {}

  /** Keeps an image in Docker while `use` runs, and pulls it first if it is missing. */
  async withImage<T>(
    reference: string,
    login: RegistryLogin | null,
    control: TaskControl,
    use: (image: ImageDetails) => Promise<T>,
  ): Promise<T> {
    const { docker } = this.context;
    const key = withDefaultTag(reference);
    const present = await docker.images.find(reference);
    const source = this.inUse.get(key) ?? { useCount: 0, wasLocal: present !== null };
    source.useCount += 1;
    this.inUse.set(key, source);
    try {
      return await use(present ?? (await this.pull(reference, login, control)));
    } finally {
      source.useCount -= 1;
      if (source.useCount === 0) {
        this.inUse.delete(key);
        // A failure leaves a tag, like `docker pull`.
        if (!source.wasLocal) await docker.images.remove(key).catch(() => {});
      }
    }
  }

  private async pull(
    reference: string,
    login: RegistryLogin | null,
    control: TaskControl,
  ): Promise<ImageDetails> {
    control.step(`Pulling ${reference}`);
    const { images, registry } = this.context.docker;
    await registry.pull(reference, {
      login,
      signal: control.signal,
      onProgress: (report) => control.progress(report),
    });
    return await images.inspect(reference);
  }
}
