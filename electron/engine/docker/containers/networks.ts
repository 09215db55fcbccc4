import { networkInterfaces } from 'node:os';
import type Docker from 'dockerode';
import { SandglassError } from '#shared/errors';
import { fromDocker, ignoringGone, mapped } from '../errors';
import { fromDockerLabels, homeLabel, type SandglassLabels, toDockerLabels } from '../labels';

/** Docker's own name for the network that containers are on unless another one is asked for. */
const DEFAULT_NETWORK = 'bridge';

/** The networks of containers: who can reach what, and how they reach this computer. */
export class Networks {
  constructor(
    private readonly docker: Docker,
    private readonly place: { isLocal: boolean; isReachable: boolean },
  ) {}

  /** Whether this computer has an address of its own in the containers' networks. */
  get hasGateway(): boolean {
    return this.place.isLocal;
  }

  /** Whether containers reach this computer at all. */
  get isReachable(): boolean {
    return this.place.isReachable;
  }

  /**
   * Makes a network that leads nowhere but to this computer, unless it is there.
   *
   * @throws SandglassError `engine_error`, also when Docker has no more addresses for networks
   */
  async ensureInternal(name: string, labels: SandglassLabels): Promise<void> {
    const found = await this.docker.listNetworks({ filters: { name: [name] } });
    if (found.some(({ Name }) => Name === name)) return;
    try {
      await this.docker.createNetwork({
        Name: name,
        Internal: true,
        Labels: toDockerLabels(labels),
      });
    } catch (thrown) {
      if (!/address pool/.test(String(thrown))) {
        throw fromDocker(thrown, { subject: `The network ${name}` });
      }
      throw new SandglassError('engine_error', 'Docker has no more addresses for networks.', {
        hint: 'Each sandbox with an access list has a network of its own. Delete one, run "docker network prune", or give Docker more default-address-pools.',
        cause: thrown,
      });
    }
  }

  /** Takes a container off every other network, running or not; null: back on the usual one. */
  async move(containerId: string, name: string | null): Promise<void> {
    const wanted = name ?? DEFAULT_NETWORK;
    const { NetworkSettings } = await mapped('The container', () =>
      this.docker.getContainer(containerId).inspect(),
    );
    const current = Object.keys(NetworkSettings.Networks);
    if (!current.includes(wanted)) {
      await mapped(`The network ${wanted}`, () =>
        this.docker.getNetwork(wanted).connect({ Container: containerId }),
      );
    }
    for (const other of current.filter((known) => known !== wanted)) {
      await mapped(`The network ${other}`, () =>
        this.docker.getNetwork(other).disconnect({ Container: containerId, Force: true }),
      );
    }
  }

  /** Removes a network that no container is on. Gone already is fine. */
  async remove(name: string): Promise<void> {
    await ignoringGone(() =>
      mapped(`The network ${name}`, () => this.docker.getNetwork(name).remove()),
    );
  }

  /** Every network that this home made. */
  async listOwn(home: string): Promise<Array<{ name: string; labels: SandglassLabels }>> {
    const networks = await mapped('The list of networks', () =>
      this.docker.listNetworks({ filters: { label: [`${homeLabel}=${home}`] } }),
    );
    return networks.flatMap(({ Name, Labels }) => {
      const labels = fromDockerLabels(Labels);
      return labels ? [{ name: Name, labels }] : [];
    });
  }

  /** This computer's address in a running container's network; null where it has none there. */
  async gatewayOf(containerId: string): Promise<string | null> {
    const { NetworkSettings } = await mapped('The container', () =>
      this.docker.getContainer(containerId).inspect(),
    );
    const own = new Set(
      Object.values(networkInterfaces()).flatMap((found) => found?.map(({ address }) => address)),
    );
    const gateways = await Promise.all(
      Object.keys(NetworkSettings.Networks).map((name) => this.gatewaysOfNetwork(name)),
    );
    return gateways.flat().find((gateway) => own.has(gateway)) ?? null;
  }

  /** Of an internal one a container is told none, though it is there. */
  private async gatewaysOfNetwork(name: string): Promise<string[]> {
    const { IPAM } = (await this.docker.getNetwork(name).inspect()) as {
      IPAM?: { Config?: Array<{ Gateway?: string }> };
    };
    return (IPAM?.Config ?? []).flatMap(({ Gateway }) => Gateway ?? []);
  }
}
