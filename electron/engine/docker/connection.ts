import type { EngineStatus } from '#shared/contract/engine';
import { SandglassError, toSandglassError } from '#shared/errors';
import type { DaemonEvent } from './daemonEvents';
import { connectDocker, type DockerApi } from './dockerApi';
import { type Endpoint, findEndpoints } from './endpoint';

/** Delay before the first retry; doubled after each failure up to the maximum. */
const MIN_RETRY_DELAY_MS = 500;
const MAX_RETRY_DELAY_MS = 30_000;
/** Largest random share that is added to a delay, so that several clients do not retry in step. */
const JITTER = 0.2;

export interface ConnectionListener {
  onStatus(status: EngineStatus): void;
  /** Awaited after each connect, before the status becomes `ready`: known state may be stale. */
  onConnected(docker: DockerApi): Promise<void>;
  /** Awaited by `connect` after the status became `ready`: for long work. */
  onReady(docker: DockerApi): Promise<void>;
  onEvent(event: DaemonEvent): void;
}

/**
 * Connection to Docker as a state machine: `connecting` until the first outcome, then `ready`, or
 * `unreachable` with an error; `reconnecting` after a loss. It does not poll: a loss shows as the end of
 * the event stream, and a timer with exponential back-off reconnects.
 */
export class DockerConnection {
  private current: DockerApi | null = null;
  private stopEvents: (() => void) | null = null;
  private timer: NodeJS.Timeout | null = null;
  private connecting: Promise<void> | null = null;
  private failures = 0;
  private closed = false;
  private currentStatus: EngineStatus = {
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
    return this.currentStatus;
  }

  /** Connected daemon. @throws SandglassError `engine_unreachable` while disconnected */
  get docker(): DockerApi {
    if (this.current) return this.current;
    const { error, state } = this.currentStatus;
    throw new SandglassError(
      'engine_unreachable',
      error?.message ??
        (state === 'connecting' ? 'Still connecting to Docker.' : 'Docker does not answer.'),
      { hint: error?.hint ?? 'Start Docker; Sandglass connects automatically.' },
    );
  }

  /** Connects without waiting for the next retry. Resolves with the outcome and never rejects. */
  async connect(): Promise<EngineStatus> {
    if (this.current || this.closed) return this.currentStatus;
    this.connecting ??= this.attemptOnce().finally(() => {
      this.connecting = null;
    });
    await this.connecting;
    return this.currentStatus;
  }

  close(): void {
    this.closed = true;
    this.clearTimer();
    this.stopEvents?.();
    this.current = null;
  }

  private async attemptOnce(): Promise<void> {
    this.clearTimer();
    if (this.currentStatus.nextAttemptAt !== null) this.update({ nextAttemptAt: null });
    try {
      await this.connectToFirst(findEndpoints(this.env));
      this.failures = 0;
    } catch (thrown) {
      this.onFailure(toSandglassError(thrown));
    }
  }

  /** Connects to the first reachable endpoint. @throws the first endpoint's error if there is none */
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
    const stopEvents = await docker.events.follow(
      this.home,
      (event) => this.listener.onEvent(event),
      () => this.onLost(),
    );
    if (this.closed) return stopEvents();
    this.stopEvents = stopEvents;
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
      hint: 'It may be restarting. Sandglass reconnects automatically.',
    });
    this.scheduleRetry('reconnecting', error);
  }

  private onFailure(error: SandglassError): void {
    this.drop();
    if (this.closed) return;
    const wasReady =
      this.currentStatus.state === 'ready' || this.currentStatus.state === 'reconnecting';
    this.scheduleRetry(wasReady ? 'reconnecting' : 'unreachable', error);
  }

  private drop(): void {
    this.stopEvents?.();
    this.stopEvents = null;
    this.current = null;
  }

  private scheduleRetry(state: 'unreachable' | 'reconnecting', error: SandglassError): void {
    this.clearTimer();
    const backOff = Math.min(MIN_RETRY_DELAY_MS * 2 ** this.failures, MAX_RETRY_DELAY_MS);
    this.failures += 1;
    const delay = Math.round(backOff * (1 + Math.random() * JITTER));
    this.timer = setTimeout(() => void this.connect(), delay);
    this.timer.unref();
    this.update({ state, error: error.toInfo(), nextAttemptAt: Date.now() + delay });
  }

  private clearTimer(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }

  private update(change: Partial<EngineStatus>): void {
    this.currentStatus = { ...this.currentStatus, ...change };
    this.listener.onStatus(this.currentStatus);
  }
}
