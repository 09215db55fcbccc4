import type { EngineContext } from '../../context';
import { type ImageDetails, type RegistryLogin, withDefaultTag } from '../../docker';
import type { TaskControl } from '../../tasks';

interface Pulled {
  users: number;
  /** Whether Docker had it before we came: then it is the user's, and stays. */
  borrowed: boolean;
}

/**
 * The images that snapshots are built from. One that we pulled ourselves loses its tag again when
 * its last build is done: the snapshot keeps the layers, and deleting the snapshot frees them.
 */
export class SourceImages {
  private readonly inUse = new Map<string, Pulled>();

  constructor(private readonly context: EngineContext) {}

  /** Makes sure that an image is here, pulling it if need be, for as long as `use` runs. */
  async withImage<T>(
    reference: string,
    login: RegistryLogin | null,
    control: TaskControl,
    use: (image: ImageDetails) => Promise<T>,
  ): Promise<T> {
    const { docker } = this.context;
    const key = withDefaultTag(reference);
    const present = await docker.images.find(reference);
    const pulled = this.inUse.get(key) ?? { users: 0, borrowed: present !== null };
    pulled.users += 1;
    this.inUse.set(key, pulled);
    try {
      return await use(present ?? (await this.pull(reference, login, control)));
    } finally {
      pulled.users -= 1;
      if (pulled.users === 0) {
        this.inUse.delete(key);
        // Best effort: a tag left behind is what `docker pull` leaves too.
        if (!pulled.borrowed) await docker.images.remove(key).catch(() => {});
      }
    }
  }

  private async pull(
    reference: string,
    login: RegistryLogin | null,
    control: TaskControl,
  ): Promise<ImageDetails> {
    control.step(`Pulling ${reference}`);
    const { images } = this.context.docker;
    await images.pull(reference, {
      login,
      signal: control.signal,
      onProgress: (report) => control.progress(report),
    });
    return await images.inspect(reference);
  }
}
