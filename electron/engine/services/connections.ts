import type { EngineContext } from '../context';
import type { PortConnection } from '../docker';
import type { Lifetimes, Sandboxes } from '../sandboxes';

/** Milliseconds between two checks for traffic. Lifetimes are in minutes. */
const POLL_INTERVAL_MS = 5000;

interface Open {
  sandboxId: string;
  /** Bytes in both directions at the last check. */
  traffic: number;
}

/** Connections from the host to TCP ports inside sandboxes. */
export class Connections {
  private readonly open = new Map<PortConnection, Open>();
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly context: EngineContext,
    private readonly sandboxes: Sandboxes,
    private readonly lifetimes: Lifetimes,
  ) {}

  /**
   * Connects to a port on a sandbox's loopback interface, starting a stopped sandbox. Traffic counts as
   * use of the sandbox; an idle connection does not, or keep-alive connections would prevent idle stops.
   *
   * @throws SandglassError `port_unreachable` (no listener), `not_found`, `not_running`
   */
  async dial(reference: string, port: number): Promise<PortConnection> {
    const { id, containerId } = await this.sandboxes.ensureRunning(reference);
    const { ports } = this.context.docker;
    const connection = await this.lifetimes.during(id, () => ports.dial(containerId, port));
    this.open.set(connection, { sandboxId: id, traffic: 0 });
    connection.once('close', () => this.forget(connection));
    this.timer ??= setInterval(() => this.recordAll(), POLL_INTERVAL_MS).unref();
    return connection;
  }

  /** Closes all connections and ends their relays inside the sandboxes. */
  async closeAll(): Promise<void> {
    for (const connection of this.open.keys()) connection.destroy();
    try {
      await this.context.docker.ports.settled();
    } catch {
      // Docker is unreachable, and so are the relays.
    }
  }

  private recordAll(): void {
    for (const connection of this.open.keys()) this.record(connection);
  }

  private record(connection: PortConnection): void {
    const open = this.open.get(connection);
    const traffic = connection.bytesRead + connection.bytesWritten;
    if (!open || traffic === open.traffic) return;
    open.traffic = traffic;
    this.lifetimes.touch(open.sandboxId);
  }

  private forget(connection: PortConnection): void {
    this.record(connection);
    this.open.delete(connection);
    if (this.open.size > 0 || !this.timer) return;
    clearInterval(this.timer);
    this.timer = null;
  }
}
