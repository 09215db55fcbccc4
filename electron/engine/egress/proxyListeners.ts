import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { SandglassError } from '#shared/errors';
import type { EngineContext } from '../context';
import type { EgressFile } from './egressFile';

/** Host name for containers in a virtual machine, as of Docker Desktop. */
const VM_HOST_NAME = 'host.docker.internal';

/** Listens for the proxy on the gateway of each network with sandboxes that have egress rules. */
export class ProxyListeners {
  private readonly listeners = new Map<string, Promise<Server>>();

  constructor(
    private readonly context: Pick<EngineContext, 'docker'>,
    private readonly file: EgressFile,
    private readonly accept: (socket: Socket) => void,
  ) {}

  /**
   * Listens for a container, and returns the proxy's address as seen from it.
   *
   * @throws SandglassError `engine_error` if no network of the container has a gateway on the host
   */
  async listenFor(containerId: string): Promise<{ host: string; port: number }> {
    const { networks } = this.context.docker;
    const gateway = networks.hasGateway ? await networks.gatewayOf(containerId) : null;
    if (networks.hasGateway && gateway === null) {
      throw new SandglassError(
        'engine_error',
        'The sandbox has no network with a gateway on this computer.',
        {
          hint: 'Connect it to a bridge network of Docker.',
        },
      );
    }
    const address = gateway ?? '127.0.0.1';
    const known = this.listeners.get(address);
    const listening = known ?? this.listen(address);
    if (!known) {
      this.listeners.set(address, listening);
      listening.catch(() => this.listeners.delete(address));
    }
    return { host: gateway ?? VM_HOST_NAME, port: portOf(await listening) };
  }

  async close(): Promise<void> {
    const listening = [...this.listeners.values()];
    this.listeners.clear();
    const all = await Promise.allSettled(listening);
    for (const listener of all) if (listener.status === 'fulfilled') listener.value.close();
  }

  /** Prefers the last port, which running processes use. */
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
