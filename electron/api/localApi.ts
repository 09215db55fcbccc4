import { once } from 'node:events';
import pLimit from 'p-limit';
import type { LocalApiStatus } from '#shared/contract/localApi';
import { SandglassError, toSandglassError } from '#shared/errors';
import { type Engine, type EngineOptions, openEngine } from '../engine/engine';
import { homeIdentity } from '../engine/host';
import type { LocalApiControl } from '../engine/localApiControl';
import { apiKeyFile, apiSocketPath } from '../homePaths';
import { ApiKey } from './apiKey';
import { type ApiServer, serveApi } from './server';

export interface LocalApiOptions extends EngineOptions {
  /** It is served when this resolves: to describe all its routes takes a moment. At once unless given. */
  serveAfter?: Promise<void>;
}

/** The engine with the API around it, as the settings and the environment want it. Closes both. */
export function openWithApi(options: LocalApiOptions): Engine & { localApi: LocalApi } {
  const localApi = new LocalApi(options);
  const sandglass = openEngine({ ...options, localApi });
  localApi.follow(sandglass);
  return {
    ...sandglass,
    localApi,
    close: async () => {
      await localApi.close();
      await sandglass.close();
    },
  };
}

/** Serves the API, or not, at the port that is wanted now. */
export class LocalApi implements LocalApiControl {
  private readonly apiKey: ApiKey;
  private readonly fixedPort: number | null;
  private readonly listeners: Array<(status: LocalApiStatus) => void> = [];
  private sandglass: Engine | null = null;
  private server: ApiServer | null = null;
  /** The port that is wanted: null for none, 0 for any, undefined until the settings are read. */
  private wanted: number | null | undefined;
  private state: LocalApiStatus['state'] = 'opening';
  private error: SandglassError | null = null;
  /** Resolves when the settings have been read for the first time. */
  private followed: Promise<void> = Promise.resolve();
  /** Opening and closing, one after the other. */
  private readonly inTurn = pLimit(1);
  private readonly closing = new AbortController();

  /** @throws SandglassError `invalid_input` when SANDGLASS_API_PORT is no port */
  constructor(private readonly options: LocalApiOptions) {
    const { home, env } = options;
    this.fixedPort = portFrom(env.SANDGLASS_API_PORT);
    this.apiKey = new ApiKey(apiKeyFile(home), env.SANDGLASS_API_KEY ?? '');
  }

  status(): LocalApiStatus {
    return {
      state: this.state,
      address: this.server?.address ?? null,
      socketPath: this.server?.socketPath ?? null,
      isKeyFixed: this.apiKey.isFixed,
      isPortFixed: this.fixedPort !== null,
      error: this.error?.toInfo() ?? null,
    };
  }

  key(): string {
    return this.apiKey.get();
  }

  rotateKey(): void {
    if (this.apiKey.isFixed) {
      throw new SandglassError('conflict', 'The key is set by SANDGLASS_API_KEY.', {
        hint: 'Change it there, or start Sandglass without it.',
      });
    }
    this.apiKey.rotate();
    // Whoever has the old key may hold a stream that it opened.
    this.server?.disconnectAll();
  }

  async retry(): Promise<LocalApiStatus> {
    if (this.state === 'failed' && this.wanted !== undefined) this.apply(this.wanted);
    return await this.settled();
  }

  onStatus(listener: (status: LocalApiStatus) => void): void {
    this.listeners.push(listener);
  }

  /** Opens as the settings say, now and whenever they change. */
  follow(sandglass: Engine): void {
    this.sandglass = sandglass;
    const { events, settings } = sandglass.operations;
    const apply = ({ apiEnabled, apiPort }: { apiEnabled: boolean; apiPort: number }) => {
      const port = apiEnabled ? (this.fixedPort ?? apiPort) : null;
      // Settings change for other reasons too, and a port that was taken is tried again when asked.
      if (port !== this.wanted) this.apply(port);
    };
    const report = (thrown: unknown) => {
      if (!this.closing.signal.aborted) this.options.onError?.(thrown);
    };
    this.followed = (async () => {
      const changes = await events.subscribe(undefined, { signal: this.closing.signal });
      apply(await settings.get());
      void (async () => {
        for await (const change of changes) if (change.type === 'settings') apply(change.settings);
      })().catch(report);
    })().catch(report);
  }

  /** Resolves when it listens, is off or has failed. */
  async settled(): Promise<LocalApiStatus> {
    await this.followed;
    await this.inTurn(() => {});
    return this.status();
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.inTurn(() => {});
    await this.server?.close();
    this.server = null;
  }

  /** Serves at a port, once whatever goes on has ended. */
  private apply(port: number | null): void {
    this.wanted = port;
    const change = async () => {
      await this.mayServe();
      // Asked for something else since.
      if (this.wanted !== port || this.closing.signal.aborted) return;
      await this.server?.close();
      this.server = null;
      this.tell(port === null ? 'off' : 'opening');
      if (port === null) return;
      try {
        this.server = await this.serve(port);
        if (this.wanted === 0 && this.fixedPort === null) await this.keepPort(this.server.port);
        this.tell('listening');
      } catch (thrown) {
        this.tell('failed', toSandglassError(thrown));
      }
    };
    this.inTurn(change).catch((thrown) => this.options.onError?.(thrown));
  }

  private async mayServe(): Promise<void> {
    const { serveAfter } = this.options;
    const { signal } = this.closing;
    if (serveAfter && !signal.aborted) await Promise.race([serveAfter, once(signal, 'abort')]);
  }

  private async serve(port: number): Promise<ApiServer> {
    if (!this.sandglass) throw new Error('There is nothing to serve yet.');
    return await serveApi(this.sandglass, {
      port,
      socketPath: apiSocketPath(this.options.home, () => homeIdentity(this.options.home)),
      key: () => this.apiKey.get(),
      onError: this.options.onError,
    });
  }

  /** A free port that was found becomes the chosen one: an address that was pasted stays true. */
  private async keepPort(apiPort: number): Promise<void> {
    this.wanted = apiPort;
    await this.sandglass?.operations.settings.update({ apiPort });
  }

  private tell(state: LocalApiStatus['state'], error: SandglassError | null = null): void {
    this.state = state;
    this.error = error;
    for (const listener of this.listeners) listener(this.status());
  }
}

function portFrom(text: string | undefined): number | null {
  if (!text) return null;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new SandglassError('invalid_input', `SANDGLASS_API_PORT: "${text}" is no port.`, {
    hint: 'Give a number from 1 to 65535, or 0 for any free one.',
  });
}
