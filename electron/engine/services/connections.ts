import type { EngineContext } from '../context';
import type { PortConnection } from '../docker';
import type { Lifetimes, Sandboxes } from '../sandboxes';

/** Traffic is looked for this often, in milliseconds: lifetimes count in minutes. */
const LOOK_EVERY_MS = 5000;

interface Open {
  sandboxId: string;
  /** Bytes both ways when it was last looked at. */
  traffic: number;
}

/** Connections from this computer to TCP ports inside sandboxes. */
export class Connections {
  private readonly open = new Map<PortConnection, Open>();
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly context: EngineContext,
    private readonly sandboxes: Sandboxes,
    private readonly lifetimes: Lifetimes,
  ) {}

  /**
   * Connects to a port on a sandbox's own loopback; a stopped sandbox is started first. Traffic is a use
   * of the sandbox; a connection that is only open is none, or one that is kept alive would keep it.
   *
   * @throws SandglassError `port_unreachable` when nobody listens, `not_found`, `not_running`
   */
  async dial(reference: string, port: number): Promise<PortConnection> {
    const { id, containerId } = await this.sandboxes.ensureRunning(reference);
    const { ports } = this.context.docker;
    const connection = await this.lifetimes.during(id, () => ports.dial(containerId, port));
    this.open.set(connection, { sandboxId: id, traffic: 0 });
    connection.once('close', () => this.forget(connection));
    this.timer ??= setInterval(() => this.noteAll(), LOOK_EVERY_MS).unref();
    return connection;
  }

  /** Cuts what is open, to its last process inside. */
  async closeAll(): Promise<void> {
    for (const connection of this.open.keys()) connection.destroy();
    try {
      await this.context.docker.ports.settled();
    } catch {
      // Docker is away, and with it the way in.
    }
  }

  private noteAll(): void {
    for (const connection of this.open.keys()) this.note(connection);
  }

  private note(connection: PortConnection): void {
    const open = this.open.get(connection);
    const traffic = connection.bytesRead + connection.bytesWritten;
    if (!open || traffic === open.traffic) return;
    open.traffic = traffic;
    this.lifetimes.touch(open.sandboxId);
  }

  private forget(connection: PortConnection): void {
    this.note(connection);
    this.open.delete(connection);
    if (this.open.size > 0 || !this.timer) return;
    clearInterval(this.timer);
    this.timer = null;
  }
}
