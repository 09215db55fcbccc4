import type Docker from 'dockerode';
import { ignoringGone, mapped } from './errors';
import { fromDockerLabels, homeLabel, type SandglassLabels } from './labels';

/** Docker's volumes, in our terms: each holds one sandbox's `/tmp`. */
export class Volumes {
  constructor(private readonly docker: Docker) {}

  /** Gone already is fine. */
  async remove(name: string): Promise<void> {
    await ignoringGone(() =>
      mapped(`The volume ${name}`, () => this.docker.getVolume(name).remove()),
    );
  }

  /** Every volume that this home made. */
  async listOwn(home: string): Promise<Array<{ name: string; labels: SandglassLabels }>> {
    // dockerode passes the filters of this call on as they are: they must be JSON already.
    const filters = JSON.stringify({ label: [`${homeLabel}=${home}`] });
    const { Volumes: volumes } = await mapped('The list of volumes', () =>
      this.docker.listVolumes({ filters }),
    );
    return (volumes ?? []).flatMap((volume) => {
      const labels = fromDockerLabels(volume.Labels);
      return labels ? [{ name: volume.Name, labels }] : [];
    });
  }
}
