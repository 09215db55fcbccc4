import type Docker from 'dockerode';
import { ignoringGone, mapped } from '../errors';
import { fromDockerLabels, ownedBy, type SandglassLabels } from '../labels';

/** Docker volumes of sandboxes: each is the `/tmp` or a git mount of one sandbox. */
export class Volumes {
  constructor(private readonly docker: Docker) {}

  /** Removes a volume. A missing one is no error. */
  async remove(name: string): Promise<void> {
    await ignoringGone(() =>
      mapped(`The volume ${name}`, () => this.docker.getVolume(name).remove()),
    );
  }

  /** Removes the volumes of one sandbox. */
  async removeOf(home: string, sandboxId: string): Promise<void> {
    for (const { name } of await this.listOwn(home, sandboxId)) await this.remove(name);
  }

  /** Volumes with this home's label, of one sandbox or of all. */
  async listOwn(
    home: string,
    sandboxId?: string,
  ): Promise<Array<{ name: string; labels: SandglassLabels }>> {
    // dockerode does not encode the filters of this call as JSON.
    const filters = JSON.stringify({ label: ownedBy(home, sandboxId) });
    const { Volumes: volumes } = await mapped('The list of volumes', () =>
      this.docker.listVolumes({ filters }),
    );
    return (volumes ?? []).flatMap((volume) => {
      const labels = fromDockerLabels(volume.Labels);
      return labels ? [{ name: volume.Name, labels }] : [];
    });
  }
}
