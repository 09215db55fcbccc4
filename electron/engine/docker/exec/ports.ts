import { connect, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import type Docker from 'dockerode';
import { SandglassError } from '#shared/errors';
import { mapped } from '../errors';
import type { Processes } from './processes';
import { openRelay, type PortConnection } from './relay';

/** A container on this computer answers at once, or something is in between. Milliseconds. */
const DIRECT_TIMEOUT_MS = 500;

/** TCP ports inside containers, published or not. */
export class Ports {
  /** False once a container of this daemon did not answer at its address. */
  private isDirect: boolean;
  private readonly ending = new Set<Promise<void>>();

  /** @param isLocal whether the daemon's containers are on this very computer and no machine in it */
  constructor(
    private readonly docker: Docker,
    private readonly processes: Processes,
    isLocal: boolean,
  ) {
    this.isDirect = isLocal;
  }

  /**
   * Connects to a port as the container itself reaches it on 127.0.0.1: at the container's address where
   * that is one of this computer's own networks, else, and where the service is on loopback only, through
   * a process inside. To half-close the result half-closes the connection.
   *
   * @throws SandglassError `port_unreachable` when nobody listens, `not_running`
   */
  async dial(containerId: string, port: number): Promise<PortConnection> {
    const socket = this.isDirect ? await this.dialDirectly(containerId, port) : null;
    return socket ?? (await this.openRelay(containerId, port));
  }

  /** Resolves when nothing is left inside of connections that are closed. */
  async settled(): Promise<void> {
    await Promise.all(this.ending);
  }

  private async openRelay(containerId: string, port: number): Promise<PortConnection> {
    return await openRelay(this.processes, containerId, port, (ending) => {
      this.ending.add(ending);
      void ending.finally(() => this.ending.delete(ending));
    });
  }

  private async dialDirectly(containerId: string, port: number): Promise<Socket | null> {
    const address = await this.addressOf(containerId);
    if (address === null) return null;
    const outcome = await connectTo(address, port);
    // Refused is an answer; silence is none.
    if (outcome === 'silent') this.isDirect = false;
    return typeof outcome === 'string' ? null : outcome;
  }

  /** Its address, where its gateway is this computer itself; null where only the daemon knows the way. */
  private async addressOf(containerId: string): Promise<string | null> {
    const { State, NetworkSettings } = await mapped('The container', () =>
      this.docker.getContainer(containerId).inspect(),
    );
    if (!State.Running) throw new SandglassError('not_running', 'The sandbox does not run.');
    const own = new Set(
      Object.values(networkInterfaces()).flatMap((found) => found?.map((one) => one.address) ?? []),
    );
    const network = Object.values(NetworkSettings.Networks).find(({ Gateway }) => own.has(Gateway));
    return network?.IPAddress || null;
  }
}

function connectTo(host: string, port: number): Promise<Socket | 'refused' | 'silent'> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, allowHalfOpen: true, noDelay: true });
    const settle = (outcome: Socket | 'refused' | 'silent') => {
      socket.removeAllListeners();
      socket.setTimeout(0);
      if (typeof outcome === 'string') socket.destroy();
      resolve(outcome);
    };
    socket.setTimeout(DIRECT_TIMEOUT_MS, () => settle('silent'));
    socket.once('connect', () => settle(socket));
    socket.once('error', (error: NodeJS.ErrnoException) =>
      settle(error.code === 'ECONNREFUSED' ? 'refused' : 'silent'),
    );
  });
}
