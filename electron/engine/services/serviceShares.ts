import type { ServiceAccess, SharedPort } from '#shared/contract/services';
import type { EngineContext } from '../context';
import type { Sandboxes } from '../sandboxes';
import type { Connections } from './connections';
import { ServiceListener } from './serviceListener';
import { ServiceTokens } from './serviceTokens';

export interface ShareInput {
  sandbox: string;
  port: number;
  expiresInSeconds: number;
  embedOrigins: string[];
}

interface Share {
  port: number;
  createdAt: number;
  tokens: ServiceTokens;
  listener: ServiceListener;
  /** Port on the host. */
  localPort: number;
}

/** HTTP services in sandboxes, each at an origin of its own on the host. */
export class ServiceShares {
  /** Shares by sandbox id and port inside. */
  private readonly shares = new Map<string, Map<number, Promise<Share>>>();
  /** Former host ports, reused so that open pages keep working. */
  private readonly localPorts = new Map<string, number>();

  constructor(
    context: EngineContext,
    private readonly sandboxes: Sandboxes,
    private readonly connections: Connections,
  ) {
    context.changes.listen((change) => {
      if (change.type === 'sandbox.removed') void this.closeAllOf(change.id);
    });
  }

  /**
   * Issues a token for a port and returns its URLs. Neither service nor sandbox needs to run yet.
   *
   * @throws SandglassError `not_found`
   */
  async share(input: ShareInput): Promise<ServiceAccess> {
    const { id } = this.sandboxes.resolve(input.sandbox);
    const { tokens, localPort } = await this.shareOf(id, input.port);
    const { embedOrigins, expiresInSeconds } = input;
    const { token, expiresAt } = tokens.issue(expiresInSeconds, embedOrigins);
    const serviceUrl = `http://127.0.0.1:${localPort}/`;
    return {
      serviceUrl,
      browserUrl: `${serviceUrl}_svc/auth?token=${token}`,
      embedUrl: `${serviceUrl}_svc/embed#token=${token}`,
      token,
      expiresAt,
      embedOrigins,
    };
  }

  /** Returns ports with valid tokens, sorted by number. @throws SandglassError `not_found` */
  async list(reference: string): Promise<SharedPort[]> {
    const { id } = this.sandboxes.resolve(reference);
    const shares = await Promise.all(this.shares.get(id)?.values() ?? []);
    return shares
      .flatMap(({ port, createdAt, tokens }) => {
        const expiresAt = tokens.lastExpiry();
        return expiresAt === null ? [] : [{ port, createdAt, expiresAt }];
      })
      .sort((one, other) => one.port - other.port);
  }

  /** Revokes all tokens of a port, or of all ports. @throws SandglassError `not_found` */
  async revoke(reference: string, port?: number): Promise<void> {
    const { id } = this.sandboxes.resolve(reference);
    await (port === undefined ? this.closeAllOf(id) : this.closeOne(id, port));
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.shares.keys()].map((id) => this.closeAllOf(id)));
  }

  private async shareOf(sandboxId: string, port: number): Promise<Share> {
    const ports = this.shares.get(sandboxId) ?? new Map<number, Promise<Share>>();
    this.shares.set(sandboxId, ports);
    const share = ports.get(port) ?? this.open(sandboxId, port);
    ports.set(port, share);
    try {
      return await share;
    } catch (thrown) {
      ports.delete(port);
      throw thrown;
    }
  }

  private async open(sandboxId: string, port: number): Promise<Share> {
    const tokens = new ServiceTokens();
    const listener = new ServiceListener(tokens, () => this.connections.dial(sandboxId, port));
    const key = `${sandboxId}/${port}`;
    const localPort = await listener.listen(this.localPorts.get(key) ?? 0);
    this.localPorts.set(key, localPort);
    return { port, createdAt: Date.now(), tokens, listener, localPort };
  }

  private async closeAllOf(sandboxId: string): Promise<void> {
    const ports = this.shares.get(sandboxId);
    await Promise.all([...(ports?.keys() ?? [])].map((port) => this.closeOne(sandboxId, port)));
  }

  private async closeOne(sandboxId: string, port: number): Promise<void> {
    const share = this.shares.get(sandboxId)?.get(port);
    this.shares.get(sandboxId)?.delete(port);
    // A failed share has rejected for its caller.
    const opened = await share?.catch(() => null);
    opened?.listener.close();
  }
}
