import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { SandglassError } from '#shared/errors';
import type { EngineContext } from '../context';
import type { EgressFile } from './egressFile';

/** How containers in a machine of their own (Docker Desktop and its like) reach this computer. */
const HOST_OF_MACHINE = 'host.docker.internal';

/** Where the proxy listens: at the gateway of each network that one of its sandboxes is on. */
export class ProxyListeners {
  private readonly listeners = new Map<string, Promise<Server>>();

  constructor(
    private readonly context: Pick<EngineContext, 'docker'>,
    private readonly file: EgressFile,
    private readonly accept: (socket: Socket) => void,
  ) {}

  /**
   * The address of the proxy as a container sees it; it listens there from now on.
   *
   * @throws SandglassError `engine_error` where no network of the container leads here
   */
  async listenFor(containerId: string): Promise<{ host: string; port: number }> {
    const { networks } = this.context.docker;
    const gateway = networks.hasGateway ? await networks.gatewayOf(containerId) : null;
    if (networks.hasGateway && gateway === null) {
      throw new SandglassError('engine_error', 'The sandbox has no network that leads here.', {
        hint: 'It needs a bridge network of Docker.',
      });
    }
    const address = gateway ?? '127.0.0.1';
    const known = this.listeners.get(address);
    const listening = known ?? this.listen(address);
    if (!known) {
      this.listeners.set(address, listening);
      listening.catch(() => this.listeners.delete(address));
    }
    return { host: gateway ?? HOST_OF_MACHINE, port: portOf(await listening) };
  }

  async close(): Promise<void> {
    const listening = [...this.listeners.values()];
    this.listeners.clear();
    const all = await Promise.allSettled(listening);
    for (const listener of all) if (listener.status === 'fulfilled') listener.value.close();
  }

  /** At the port of the last time, if it is free: processes that live on know no other. */
  private async listen(host: string): Promise<Server> {
    const preferred = this.file.port ?? 0;
    const server = await this.listenAt(host, preferred).catch((thrown: unknown) => {
      if ((thrown as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw thrown;
      return this.listenAt(host, 0);
    });
    this.file.keepPort(portOf(server));
    return server;
  }

  private async listenAt(host: string, port: number): Promise<Server> {
    const server = createServer({ noDelay: true }, this.accept);
    server.listen({ host, port });
    await once(server, 'listening');
    return server;
  }
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}
