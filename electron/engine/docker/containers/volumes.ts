import type Docker from 'dockerode';
import { ignoringGone, mapped } from '../errors';
import { fromDockerLabels, ownedBy, type SandglassLabels } from '../labels';

/** Docker's volumes, in our terms: each holds one sandbox's `/tmp` or a mount of it. */
export class Volumes {
  constructor(private readonly docker: Docker) {}

  /** Gone already is fine. */
  async remove(name: string): Promise<void> {
    await ignoringGone(() =>
      mapped(`The volume ${name}`, () => this.docker.getVolume(name).remove()),
    );
  }

  /** Removes those of one sandbox. */
  async removeOf(home: string, sandboxId: string): Promise<void> {
    for (const { name } of await this.listOwn(home, sandboxId)) await this.remove(name);
  }

  /** Every volume that this home made, or those of one sandbox. */
  async listOwn(
    home: string,
    sandboxId?: string,
  ): Promise<Array<{ name: string; labels: SandglassLabels }>> {
    // dockerode passes the filters of this call on as they are: they must be JSON already.
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
