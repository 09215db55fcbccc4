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
  /**
   * Serving starts when this resolves, since generating the OpenAPI document blocks the thread for
   * a moment. Immediately if omitted.
   */
  serveAfter?: Promise<void>;
}

/** Opens the engine and the local API that serves it. `close` closes both. */
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

/** Starts, stops and rebinds the API server to match the settings. */
export class LocalApi implements LocalApiControl {
  private readonly apiKey: ApiKey;
  private readonly fixedPort: number | null;
  private readonly listeners: Array<(status: LocalApiStatus) => void> = [];
  private sandglass: Engine | null = null;
  private server: ApiServer | null = null;
  /** Requested port: null for off, 0 for any free port, undefined until the settings are loaded. */
  private wantedPort: number | null | undefined;
  private state: LocalApiStatus['state'] = 'opening';
  private error: SandglassError | null = null;
  /** Resolves when the settings have been applied for the first time. */
  private settingsApplied: Promise<void> = Promise.resolve();
  /** Serializes starting and stopping the server. */
  private readonly serial = pLimit(1);
  private readonly closing = new AbortController();

  /** @throws SandglassError `invalid_input` if SANDGLASS_API_PORT is not a port number */
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
    // Holders of the old key may still have streams open.
    this.server?.disconnectAll();
  }

  async retry(): Promise<LocalApiStatus> {
    if (this.state === 'failed' && this.wantedPort !== undefined) this.apply(this.wantedPort);
    return await this.settled();
  }

  onStatus(listener: (status: LocalApiStatus) => void): void {
    this.listeners.push(listener);
  }

  /** Applies the settings now and whenever they change. */
  follow(sandglass: Engine): void {
    this.sandglass = sandglass;
    const { events, settings } = sandglass.operations;
    const apply = ({ apiEnabled, apiPort }: { apiEnabled: boolean; apiPort: number }) => {
      const port = apiEnabled ? (this.fixedPort ?? apiPort) : null;
      // Only a changed port restarts the server: unrelated settings change too, and a port that was
      // taken is retried only on request.
      if (port !== this.wantedPort) this.apply(port);
    };
    const report = (thrown: unknown) => {
      if (!this.closing.signal.aborted) this.options.onError?.(thrown);
    };
    this.settingsApplied = (async () => {
      const changes = await events.subscribe(undefined, { signal: this.closing.signal });
      apply(await settings.get());
      void (async () => {
        for await (const change of changes) if (change.type === 'settings') apply(change.settings);
      })().catch(report);
    })().catch(report);
  }

  /** Resolves when the server is listening, off or failed. */
  async settled(): Promise<LocalApiStatus> {
    await this.settingsApplied;
    await this.serial(() => {});
    return this.status();
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.serial(() => {});
    await this.server?.close();
    this.server = null;
  }

  /** Queues a switch to a port, or to off (null). */
  private apply(port: number | null): void {
    this.wantedPort = port;
    const change = async () => {
      await this.waitUntilServable();
      // Superseded by a later request.
      if (this.wantedPort !== port || this.closing.signal.aborted) return;
      await this.server?.close();
      this.server = null;
      this.setState(port === null ? 'off' : 'opening');
      if (port === null) return;
      try {
        this.server = await this.serve(port);
        if (this.wantedPort === 0 && this.fixedPort === null) await this.savePort(this.server.port);
        this.setState('listening');
      } catch (thrown) {
        this.setState('failed', toSandglassError(thrown));
      }
    };
    this.serial(change).catch((thrown) => this.options.onError?.(thrown));
  }

  private async waitUntilServable(): Promise<void> {
    const { serveAfter } = this.options;
    const { signal } = this.closing;
    if (serveAfter && !signal.aborted) await Promise.race([serveAfter, once(signal, 'abort')]);
  }

  private async serve(port: number): Promise<ApiServer> {
    if (!this.sandglass) throw new Error('The engine is not open yet.');
    return await serveApi(this.sandglass, {
      port,
      socketPath: apiSocketPath(this.options.home, () => homeIdentity(this.options.home)),
      key: () => this.apiKey.get(),
      onError: this.options.onError,
    });
  }

  /** Stores the free port that was found, so that a copied address stays valid across restarts. */
  private async savePort(apiPort: number): Promise<void> {
    this.wantedPort = apiPort;
    await this.sandglass?.operations.settings.update({ apiPort });
  }

  private setState(state: LocalApiStatus['state'], error: SandglassError | null = null): void {
    this.state = state;
    this.error = error;
    for (const listener of this.listeners) listener(this.status());
  }
}

function portFrom(text: string | undefined): number | null {
  if (!text) return null;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new SandglassError('invalid_input', `SANDGLASS_API_PORT: "${text}" is not a port number.`, {
    hint: 'Use a number from 1 to 65535, or 0 for any free port.',
  });
}
