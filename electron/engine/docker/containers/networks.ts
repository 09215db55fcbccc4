import { networkInterfaces } from 'node:os';
import type Docker from 'dockerode';
import { SandglassError } from '#shared/errors';
import { fromDocker, ignoringGone, mapped } from '../errors';
import { fromDockerLabels, ownedBy, type SandglassLabels, toDockerLabels } from '../labels';

/** Docker's network for containers that are created without another one. */
const DEFAULT_NETWORK = 'bridge';

/** Docker networks of sandboxes, and their routes to this computer. */
export class Networks {
  constructor(
    private readonly docker: Docker,
    private readonly host: { isLocal: boolean; isReachable: boolean },
  ) {}

  /** True when this computer has an address in the containers' networks. */
  get hasGateway(): boolean {
    return this.host.isLocal;
  }

  /** True when containers can connect to this computer. */
  get isReachable(): boolean {
    return this.host.isReachable;
  }

  /**
   * Creates an internal network, which routes to this computer only, unless it exists.
   *
   * @throws SandglassError `engine_error`, also when Docker's address pools are exhausted
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
      throw new SandglassError(
        'engine_error',
        'Docker has no free addresses for another network.',
        {
          hint: 'Each sandbox with an access list has its own network. Delete such a sandbox, run "docker network prune", or add default-address-pools to the configuration of Docker.',
          cause: thrown,
        },
      );
    }
  }

  /** Connects a container, running or not, to one network only; null is Docker's default network. */
  async move(containerId: string, name: string | null): Promise<void> {
    const target = name ?? DEFAULT_NETWORK;
    const { NetworkSettings } = await mapped('The container', () =>
      this.docker.getContainer(containerId).inspect(),
    );
    const current = Object.keys(NetworkSettings.Networks);
    if (!current.includes(target)) {
      await mapped(`The network ${target}`, () =>
        this.docker.getNetwork(target).connect({ Container: containerId }),
      );
    }
    for (const other of current.filter((known) => known !== target)) {
      await mapped(`The network ${other}`, () =>
        this.docker.getNetwork(other).disconnect({ Container: containerId, Force: true }),
      );
    }
  }

  /** Removes a network without containers. A missing one is no error. */
  async remove(name: string): Promise<void> {
    await ignoringGone(() =>
      mapped(`The network ${name}`, () => this.docker.getNetwork(name).remove()),
    );
  }

  /** Networks with this home's label. */
  async listOwn(home: string): Promise<Array<{ name: string; labels: SandglassLabels }>> {
    const networks = await mapped('The list of networks', () =>
      this.docker.listNetworks({ filters: { label: ownedBy(home) } }),
    );
    return networks.flatMap(({ Name, Labels }) => {
      const labels = fromDockerLabels(Labels);
      return labels ? [{ name: Name, labels }] : [];
    });
  }

  /** This computer's address in a running container's networks; null without any. */
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

  /** Gateways of a network. ContainerInspect omits those of internal networks. */
  private async gatewaysOfNetwork(name: string): Promise<string[]> {
    const { IPAM } = (await this.docker.getNetwork(name).inspect()) as {
      IPAM?: { Config?: Array<{ Gateway?: string }> };
    };
    return (IPAM?.Config ?? []).flatMap(({ Gateway }) => Gateway ?? []);
  }
}
