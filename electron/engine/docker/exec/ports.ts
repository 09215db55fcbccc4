import { connect, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import type Docker from 'dockerode';
import { SandglassError } from '#shared/errors';
import { mapped } from '../errors';
import type { Processes } from './processes';
import { openRelay, type PortConnection } from './relay';

/** A container on this computer accepts or refuses immediately, unless a firewall drops packets. */
const DIRECT_TIMEOUT_MS = 500;

/** Connections to TCP ports inside containers, published or not. */
export class Ports {
  /** Whether container addresses are reachable; false after the first timeout. */
  private isDirect: boolean;
  /** Relays that are ending. */
  private readonly closing = new Set<Promise<void>>();

  /** @param isLocal whether containers run on this computer itself, not in a virtual machine */
  constructor(
    private readonly docker: Docker,
    private readonly processes: Processes,
    isLocal: boolean,
  ) {
    this.isDirect = isLocal;
  }

  /**
   * Connects to a port as processes in the container do on 127.0.0.1: directly where the container's
   * network belongs to this computer, else by a relay process inside, as for services that listen on
   * loopback only. Ending the connection half-closes it.
   *
   * @throws SandglassError `port_unreachable` (no listener), `not_running`
   */
  async dial(containerId: string, port: number): Promise<PortConnection> {
    const socket = this.isDirect ? await this.dialDirectly(containerId, port) : null;
    return socket ?? (await this.openRelay(containerId, port));
  }

  /** Resolves when the relays of all closed connections have ended. */
  async settled(): Promise<void> {
    await Promise.all(this.closing);
  }

  private async openRelay(containerId: string, port: number): Promise<PortConnection> {
    return await openRelay(this.processes, containerId, port, (closed) => {
      this.closing.add(closed);
      void closed.finally(() => this.closing.delete(closed));
    });
  }

  private async dialDirectly(containerId: string, port: number): Promise<Socket | null> {
    const address = await this.addressOf(containerId);
    if (address === null) return null;
    const outcome = await connectTo(address, port);
    if (outcome === 'timeout') this.isDirect = false;
    return typeof outcome === 'string' ? null : outcome;
  }

  /** Address in a network whose gateway is this computer; null if there is none. */
  private async addressOf(containerId: string): Promise<string | null> {
    const { State, NetworkSettings } = await mapped('The container', () =>
      this.docker.getContainer(containerId).inspect(),
    );
    if (!State.Running) throw new SandglassError('not_running', 'The sandbox is not running.');
    const own = new Set(
      Object.values(networkInterfaces()).flatMap(
        (found) => found?.map(({ address }) => address) ?? [],
      ),
    );
    const network = Object.values(NetworkSettings.Networks).find(({ Gateway }) => own.has(Gateway));
    return network?.IPAddress || null;
  }
}

function connectTo(host: string, port: number): Promise<Socket | 'refused' | 'timeout'> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, allowHalfOpen: true, noDelay: true });
    const settle = (outcome: Socket | 'refused' | 'timeout') => {
      socket.removeAllListeners();
      socket.setTimeout(0);
      if (typeof outcome === 'string') socket.destroy();
      resolve(outcome);
    };
    socket.setTimeout(DIRECT_TIMEOUT_MS, () => settle('timeout'));
    socket.once('connect', () => settle(socket));
    socket.once('error', (error: NodeJS.ErrnoException) =>
      settle(error.code === 'ECONNREFUSED' ? 'refused' : 'timeout'),
    );
  });
}
