import { join } from 'node:path';
import type { LocalApiStatus } from '#shared/contract/localApi';
import { SandglassError, toSandglassError } from '#shared/errors';
import { homeIdentity } from '../engine/home';
import type { LocalApiDoor } from '../engine/localApiDoor';
import { openSandglass, type Sandglass, type SandglassOptions } from '../engine/sandglass';
import { ApiKey } from './apiKey';
import { type ApiServer, serveApi } from './server';

/** A Unix socket's path has at most this many bytes (sockaddr_un). */
const LONGEST_SOCKET_PATH = 103;

/** The engine with the API around it, as the settings and the environment want it. Closes both. */
export function openWithApi(options: SandglassOptions): Sandglass & { localApi: LocalApi } {
  const localApi = new LocalApi(options);
  const sandglass = openSandglass({ ...options, localApi });
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
export class LocalApi implements LocalApiDoor {
  private readonly key: ApiKey;
  private readonly fixedPort: number | null;
  private readonly listeners: Array<(status: LocalApiStatus) => void> = [];
  private server: ApiServer | null = null;
  private served: number | null = null;
  private state: LocalApiStatus['state'] = 'opening';
  private error: SandglassError | null = null;
  private queue: Promise<void> = Promise.resolve();
  private readonly closing = new AbortController();

  constructor(private readonly options: SandglassOptions) {
    const { home, env } = options;
    this.key = new ApiKey(join(home, 'api-key'), env.SANDGLASS_API_KEY ?? '');
    this.fixedPort = portFrom(env.SANDGLASS_API_PORT);
  }

  status(): LocalApiStatus {
    return {
      state: this.state,
      address: this.server?.address ?? null,
      socketPath: this.server?.socketPath ?? null,
      key: this.key.get(),
      isKeyFixed: this.key.isFixed,
      isPortFixed: this.fixedPort !== null,
      error: this.error?.toInfo() ?? null,
    };
  }

  rotateKey(): LocalApiStatus {
    if (this.key.isFixed) {
      throw new SandglassError('conflict', 'The key is set by SANDGLASS_API_KEY.', {
        hint: 'Change it there, or start Sandglass without it.',
      });
    }
    this.key.rotate();
    this.announce();
    return this.status();
  }

  onStatus(listener: (status: LocalApiStatus) => void): void {
    this.listeners.push(listener);
  }

  /** Opens as the settings say, now and whenever they change. */
  follow(sandglass: Sandglass): void {
    const { events, settings } = sandglass.operations;
    const apply = ({ apiEnabled, apiPort }: { apiEnabled: boolean; apiPort: number }) =>
      this.apply(sandglass, apiEnabled ? (this.fixedPort ?? apiPort) : null);
    void (async () => {
      const changes = await events.subscribe(undefined, { signal: this.closing.signal });
      apply(await settings.get());
      for await (const change of changes) if (change.type === 'settings') apply(change.settings);
    })().catch((thrown: unknown) => {
      if (!this.closing.signal.aborted) this.options.onError?.(thrown);
    });
  }

  /** Resolves when it listens, is off or has failed. */
  async settled(): Promise<LocalApiStatus> {
    while (this.state === 'opening') await new Promise((resolve) => setTimeout(resolve, 10));
    return this.status();
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.queue;
    await this.server?.close();
    this.server = null;
  }

  private apply(sandglass: Sandglass, port: number | null): void {
    this.queue = this.queue.then(async () => {
      const isThere = this.server !== null && this.served === port;
      if (isThere || this.closing.signal.aborted) return;
      await this.server?.close();
      this.server = null;
      this.error = null;
      this.served = port;
      if (port === null) {
        this.state = 'off';
        this.announce();
        return;
      }
      try {
        this.server = await serveApi(sandglass, {
          port,
          socketPath: socketPathOf(this.options.home),
          key: () => this.key.get(),
          onError: this.options.onError,
        });
        this.state = 'listening';
      } catch (thrown) {
        this.error = toSandglassError(thrown);
        this.state = 'failed';
      }
      this.announce();
    });
  }

  private announce(): void {
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

/** Null where the home lies too deep for a socket. */
function socketPathOf(home: string): string | null {
  if (process.platform === 'win32') return `\\\\.\\pipe\\sandglass-${homeIdentity(home)}`;
  const path = join(home, 'api.sock');
  return Buffer.byteLength(path) <= LONGEST_SOCKET_PATH ? path : null;
}
