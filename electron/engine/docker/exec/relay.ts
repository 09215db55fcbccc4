import { randomUUID } from 'node:crypto';
import { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { SandglassError } from '#shared/errors';
import type { Processes, RunningCommand } from './processes';
import { relayCommand } from './relayScript';

/** A TCP connection to a port, direct or relayed. Ending it half-closes it. */
export interface PortConnection extends Duplex {
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

/** Fixed search path: the image's own PATH may include folders that its user can write to. */
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** User and group "nobody": connecting needs no privileges. */
const NOBODY = '65534:65534';
/** Time for a relay to end by itself after its connection, before it is killed. */
const CLOSE_TIMEOUT_MS = 1000;

/**
 * Connects to a TCP port on a container's loopback interface by a relay process inside.
 *
 * @param onClose receives a promise of the relay's end when the connection closes
 * @throws SandglassError `port_unreachable`
 */
export async function openRelay(
  processes: Processes,
  containerId: string,
  port: number,
  onClose: (closed: Promise<void>) => void,
): Promise<PortConnection> {
  const processTag = randomUUID();
  const command = await processes.run(containerId, {
    argv: relayCommand(port),
    ...{ processTag, env: { PATH }, user: NOBODY },
  });
  const kill = () => processes.kill(containerId, processTag).catch(() => {});
  const { status, early } = await readStatus(command.output);
  if (status === 'ready') return new RelayedConnection(command, early, kill, onClose);
  command.stdin.destroy();
  if (status === 'closed') throw noListener(port);
  await kill();
  throw new SandglassError(
    'port_unreachable',
    status === 'none'
      ? 'The image has no program that can relay a connection.'
      : `Port ${port} cannot be reached.`,
    status === 'none'
      ? { hint: 'Install perl, python3, busybox, node or bash in the sandbox.' }
      : {},
  );
}

export function noListener(port: number): SandglassError {
  return new SandglassError('port_unreachable', `Nothing listens on port ${port}.`, {
    hint: 'Start the service in the sandbox, on 127.0.0.1 or on all addresses.',
  });
}

/** Reads the relay's first line on stderr. `early` is output of the service that came before it. */
async function readStatus(
  output: RunningCommand['output'],
): Promise<{ status: string | null; early: Uint8Array[] }> {
  const early: Uint8Array[] = [];
  let text = '';
  while (!text.includes('\n')) {
    const { done, value } = await output.next();
    if (done) return { status: null, early };
    if (value.stream === 'stdout') early.push(value.bytes);
    else text += decode(value.bytes);
  }
  return { status: text.split('\n', 1)[0] ?? null, early };
}

/** Connection through a relay, with back-pressure in both directions. */
class RelayedConnection extends Duplex implements PortConnection {
  bytesRead = 0;
  bytesWritten = 0;
  private relayMessages = '';
  private timer: NodeJS.Timeout | undefined;
  private timeoutMs = 0;

  constructor(
    private readonly command: RunningCommand,
    early: Uint8Array[],
    private readonly kill: () => Promise<void>,
    private readonly onClose: (closed: Promise<void>) => void,
  ) {
    super({ allowHalfOpen: true });
    command.stdin.on('error', (cause) => this.destroy(cause));
    for (const chunk of early) this.receive(chunk);
  }

  override _read(): void {
    void this.readChunk();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.bytesWritten += chunk.length;
    this.refreshTimeout();
    this.command.stdin.write(chunk, (error) => done(error));
  }

  override _final(done: () => void): void {
    this.command.stdin.end(() => done());
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.timer);
    this.onClose(this.endRelay());
    done(error);
  }

  /** Emits `timeout` after `ms` milliseconds without traffic, as `net.Socket` does; 0 disables it. */
  setTimeout(ms: number, listener?: () => void): this {
    this.timeoutMs = ms;
    if (listener && ms > 0) this.once('timeout', listener);
    else if (listener) this.off('timeout', listener);
    this.refreshTimeout();
    return this;
  }

  // Socket options that Node's HTTP client sets; without effect here.
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }

  private async readChunk(): Promise<void> {
    for (;;) {
      const { done, value } = await this.command.output.next();
      if (!done && value.stream === 'stdout') this.receive(value.bytes);
      else if (!done) this.relayMessages += decode(value.bytes);
      const isOver = done || this.bytesRead >= this.totalBytes();
      if (isOver) this.push(null);
      // A push makes the stream call _read again.
      if (isOver || value.stream === 'stdout') return;
    }
  }

  private receive(chunk: Uint8Array): void {
    this.bytesRead += chunk.length;
    this.refreshTimeout();
    this.push(chunk);
  }

  /** Number of bytes that the service has sent; infinite until it has ended its side. */
  private totalBytes(): number {
    return Number(/^end (\d+)$/m.exec(this.relayMessages)?.[1] ?? Infinity);
  }

  /** Lets the relay end by itself; kills it after a timeout. */
  private async endRelay(): Promise<void> {
    this.command.stdin.end();
    const stop = new AbortController();
    const grace = sleep(CLOSE_TIMEOUT_MS, false, { signal: stop.signal }).catch(() => false);
    const isOver = await Promise.race([this.drain().then(() => true), grace]);
    stop.abort();
    if (!isOver) await this.kill();
    this.command.stdin.destroy();
  }

  private async drain(): Promise<void> {
    while (!(await this.command.output.next()).done);
  }

  private refreshTimeout(): void {
    clearTimeout(this.timer);
    if (this.timeoutMs > 0) this.timer = setTimeout(() => this.emit('timeout'), this.timeoutMs);
  }
}

function decode(chunk: Uint8Array): string {
  return new TextDecoder().decode(chunk);
}
