import type { EngineStatus } from '#shared/contract/engine';
import { SandglassError, toSandglassError } from '#shared/errors';
import type { DaemonEvent } from './daemonEvents';
import { connectDocker, type DockerApi } from './dockerApi';
import { type Endpoint, findEndpoints } from './endpoint';

/** First wait, in milliseconds; doubled after each failed attempt up to the longest. */
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
/** Spreads the attempts of several copies: up to this share is added to a wait. */
const JITTER = 0.2;

export interface ConnectionListener {
  onStatus(status: EngineStatus): void;
  /** The daemon is there (again): what was known may be stale. Called before `ready` is told. */
  onConnected(docker: DockerApi): Promise<void>;
  /** After it was told: for what takes long. The attempt to connect ends with it. */
  onReady(docker: DockerApi): Promise<void>;
  onEvent(event: DaemonEvent): void;
}

/**
 * The connection to Docker as a state machine: `connecting` until the first outcome, then `ready`,
 * or `unreachable` with a reason; a lost one is `reconnecting`. While it waits it is idle: the end of
 * the event stream tells that the daemon has gone, and a timer with back-off tries again.
 */
export class DockerConnection {
  private current: DockerApi | null = null;
  private unfollow: (() => void) | null = null;
  private timer: NodeJS.Timeout | null = null;
  private attempt: Promise<void> | null = null;
  private failures = 0;
  private closed = false;
  private statusNow: EngineStatus = {
    state: 'connecting',
    endpoint: '',
    endpointSource: '',
    version: null,
    storageDriver: null,
    error: null,
    nextAttemptAt: null,
  };

  constructor(
    private readonly home: string,
    private readonly env: NodeJS.ProcessEnv,
    private readonly listener: ConnectionListener,
  ) {}

  get status(): EngineStatus {
    return this.statusNow;
  }

  /** The daemon. @throws SandglassError `engine_unreachable` while there is none */
  get docker(): DockerApi {
    if (this.current) return this.current;
    const { error, state } = this.statusNow;
    throw new SandglassError(
      'engine_unreachable',
      error?.message ??
        (state === 'connecting' ? 'Still connecting to Docker.' : 'Docker does not answer.'),
      { hint: error?.hint ?? 'Start Docker; Sandglass connects by itself.' },
    );
  }

  /** Tries now; resolves with the outcome. Never rejects. */
  async connect(): Promise<EngineStatus> {
    if (this.current || this.closed) return this.statusNow;
    this.attempt ??= this.attemptOnce().finally(() => {
      this.attempt = null;
    });
    await this.attempt;
    return this.statusNow;
  }

  close(): void {
    this.closed = true;
    this.clearTimer();
    this.unfollow?.();
    this.current = null;
  }

  private async attemptOnce(): Promise<void> {
    this.clearTimer();
    if (this.statusNow.nextAttemptAt !== null) this.update({ nextAttemptAt: null });
    try {
      await this.connectToFirst(findEndpoints(this.env));
      this.failures = 0;
    } catch (thrown) {
      this.onFailure(toSandglassError(thrown));
    }
  }

  /** Takes the first address that answers; when none does, the first one's error is the one to tell. */
  private async connectToFirst(endpoints: Endpoint[]): Promise<void> {
    let firstError: unknown = null;
    for (const endpoint of endpoints) {
      try {
        const docker = await connectDocker(endpoint);
        await this.adopt(endpoint, docker);
        return;
      } catch (thrown) {
        firstError ??= thrown;
      }
    }
    const [first] = endpoints;
    if (first) this.update({ endpoint: first.address, endpointSource: first.source });
    throw firstError;
  }

  private async adopt(endpoint: Endpoint, docker: DockerApi): Promise<void> {
    const unfollow = await docker.events.follow(
      this.home,
      (event) => this.listener.onEvent(event),
      () => this.onLost(),
    );
    if (this.closed) return unfollow();
    this.unfollow = unfollow;
    this.current = docker;
    await this.listener.onConnected(docker);
    this.update({
      state: 'ready',
      endpoint: endpoint.address,
      endpointSource: endpoint.source,
      version: docker.info.version,
      storageDriver: docker.info.storageDriver,
      error: null,
      nextAttemptAt: null,
    });
    await this.listener.onReady(docker);
  }

  private onLost(): void {
    if (this.closed) return;
    this.drop();
    const error = new SandglassError('engine_unreachable', 'Docker stopped answering.', {
      hint: 'It may be restarting. Sandglass connects again by itself.',
    });
    this.waitThenRetry('reconnecting', error);
  }

  private onFailure(error: SandglassError): void {
    this.drop();
    if (this.closed) return;
    const wasReady = this.statusNow.state === 'ready' || this.statusNow.state === 'reconnecting';
    this.waitThenRetry(wasReady ? 'reconnecting' : 'unreachable', error);
  }

  private drop(): void {
    this.unfollow?.();
    this.unfollow = null;
    this.current = null;
  }

  private waitThenRetry(state: 'unreachable' | 'reconnecting', error: SandglassError): void {
    this.clearTimer();
    const wait = Math.min(FIRST_WAIT_MS * 2 ** this.failures, LONGEST_WAIT_MS);
    this.failures += 1;
    const delay = Math.round(wait * (1 + Math.random() * JITTER));
    this.timer = setTimeout(() => void this.connect(), delay);
    this.timer.unref();
    this.update({ state, error: error.toInfo(), nextAttemptAt: Date.now() + delay });
  }

  private clearTimer(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }

  private update(change: Partial<EngineStatus>): void {
    this.statusNow = { ...this.statusNow, ...change };
    this.listener.onStatus(this.statusNow);
  }
}
