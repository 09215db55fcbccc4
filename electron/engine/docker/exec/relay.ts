import { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { SandglassError } from '#shared/errors';
import type { Processes, RunningCommand } from './processes';
import { relayCommand } from './relayScript';

/** A TCP connection to a port, or what stands for one. To end it half-closes. */
export interface PortConnection extends Duplex {
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

/** What a relay needs is in these folders; the image's own PATH may be its user's to write to. */
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** It only needs to connect: nobody's rights are enough. */
const NOBODY = '65534:65534';
/** A relay whose connection is over ends by itself in this time, or is killed. Milliseconds. */
const GRACE_MS = 1000;

/**
 * Connects to a TCP port on a container's own loopback, through a process inside.
 *
 * @param onEnding is given what ends the process, once the connection is closed
 * @throws SandglassError `port_unreachable`
 */
export async function openRelay(
  processes: Processes,
  containerId: string,
  port: number,
  onEnding: (ending: Promise<void>) => void,
): Promise<PortConnection> {
  const mark = crypto.randomUUID();
  const command = await processes.run(containerId, {
    argv: relayCommand(port),
    ...{ mark, env: { PATH }, user: NOBODY },
  });
  const kill = () => processes.kill(containerId, mark).catch(() => {});
  const { word, early } = await firstWord(command.output);
  if (word === 'ready') return new RelayedConnection(command, early, kill, onEnding);
  command.stdin.destroy();
  if (word === 'closed') throw nobodyListens(port);
  await kill();
  throw new SandglassError(
    'port_unreachable',
    word === 'none'
      ? 'The image has nothing that could carry a connection.'
      : `The port ${port} cannot be reached.`,
    word === 'none' ? { hint: 'Install one of perl, python3, busybox, node or bash in it.' } : {},
  );
}

export function nobodyListens(port: number): SandglassError {
  return new SandglassError('port_unreachable', `Nothing listens on port ${port}.`, {
    hint: 'Start the service in the sandbox, on 127.0.0.1 or on all addresses.',
  });
}

/** What it says first, and what the service was quicker to say. */
async function firstWord(
  output: RunningCommand['output'],
): Promise<{ word: string | null; early: Uint8Array[] }> {
  const early: Uint8Array[] = [];
  let text = '';
  while (!text.includes('\n')) {
    const { done, value } = await output.next();
    if (done) return { word: null, early };
    if (value.name === 'stdout') early.push(value.chunk);
    else text += decode(value.chunk);
  }
  return { word: text.split('\n', 1)[0] ?? null, early };
}

/** One connection through a relay. Reads and writes wait for each other's end as a socket's do. */
class RelayedConnection extends Duplex implements PortConnection {
  bytesRead = 0;
  bytesWritten = 0;
  private said = '';
  private timer: NodeJS.Timeout | undefined;
  private timeoutMs = 0;

  constructor(
    private readonly command: RunningCommand,
    early: Uint8Array[],
    private readonly kill: () => Promise<void>,
    private readonly onEnding: (ending: Promise<void>) => void,
  ) {
    super({ allowHalfOpen: true });
    command.stdin.on('error', (cause) => this.destroy(cause));
    for (const chunk of early) this.receive(chunk);
  }

  override _read(): void {
    void this.readOn();
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
    this.onEnding(this.endRelay());
    done(error);
  }

  /** As a socket's: `timeout` is emitted after so long without traffic; 0 for never. Milliseconds. */
  setTimeout(ms: number, listener?: () => void): this {
    this.timeoutMs = ms;
    if (listener && ms > 0) this.once('timeout', listener);
    else if (listener) this.off('timeout', listener);
    this.refreshTimeout();
    return this;
  }

  // What HTTP asks of a socket besides, and has no meaning here.
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

  private async readOn(): Promise<void> {
    for (;;) {
      const { done, value } = await this.command.output.next();
      if (!done && value.name === 'stdout') this.receive(value.chunk);
      else if (!done) this.said += decode(value.chunk);
      const isOver = done || this.bytesRead >= this.bytesInAll();
      if (isOver) this.push(null);
      // After a push it is asked again by itself.
      if (isOver || value.name === 'stdout') return;
    }
  }

  private receive(chunk: Uint8Array): void {
    this.bytesRead += chunk.length;
    this.refreshTimeout();
    this.push(chunk);
  }

  /** How many bytes the service has sent, once it has ended its side. */
  private bytesInAll(): number {
    return Number(/^end (\d+)$/m.exec(this.said)?.[1] ?? Infinity);
  }

  /** Lets it end by itself, and sees to it that it does. */
  private async endRelay(): Promise<void> {
    this.command.stdin.end();
    const stop = new AbortController();
    const grace = sleep(GRACE_MS, false, { signal: stop.signal }).catch(() => false);
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
