import serializeAddon from '@xterm/addon-serialize';
import xterm from '@xterm/headless';
import type { Terminal } from '#shared/contract/terminals';
import { FLOW_HIGH_BYTES, FLOW_LOW_BYTES, type TerminalSize } from '#shared/terminalPort';
import type { RunningTerminal } from '../docker';
import { wholeCharacters } from '../lib';
import type { TerminalAttachment, TerminalView } from './terminalView';

/** Lines above the screen that a new view receives. */
const SCROLLBACK_LINES = 5000;

interface Viewer {
  view: TerminalView;
  /** Bytes sent and not yet acknowledged. */
  unacknowledged: number;
  /** Output that arrived before the replay was sent; null afterwards. */
  pending: Uint8Array[] | null;
}

/**
 * One shell on a pseudo-terminal. Emulates the screen, to replay it to views that attach later, at any
 * size. Pauses the shell's output while a view or the emulator lags (back-pressure).
 */
export class TerminalSession {
  private readonly screen: xterm.Terminal;
  private readonly serializer = new serializeAddon.SerializeAddon();
  private readonly viewers = new Set<Viewer>();
  private remainder: Uint8Array = new Uint8Array();
  /** Bytes that the emulated screen has not processed yet. */
  private screenLag = 0;
  private current: Terminal;

  constructor(
    terminal: Terminal,
    size: TerminalSize,
    private readonly shell: RunningTerminal,
    private readonly listener: {
      onChange(terminal: Terminal): void;
      /** Input or output was transferred. */
      onTraffic(): void;
    },
  ) {
    this.current = terminal;
    this.screen = new xterm.Terminal({
      ...size,
      scrollback: SCROLLBACK_LINES,
      allowProposedApi: true,
    });
    this.screen.loadAddon(this.serializer);
    shell.stream.on('data', (chunk: Buffer) => this.onOutput(chunk));
    shell.stream.once('close', () => void this.onClosed());
    shell.stream.once('end', () => shell.stream.destroy());
    // The `close` event that follows an error handles it.
    shell.stream.on('error', () => {});
  }

  get terminal(): Terminal {
    return this.current;
  }

  /** Attaches a view: sends it the current screen, then all output. */
  attach(view: TerminalView): TerminalAttachment {
    const viewer: Viewer = { view, unacknowledged: 0, pending: [] };
    this.viewers.add(viewer);
    // An empty write calls back when all earlier output has been processed.
    this.screen.write('', () => this.replayTo(viewer));
    return {
      input: (bytes) => {
        if (this.current.state !== 'running') return;
        this.listener.onTraffic();
        this.shell.stream.write(bytes);
      },
      resize: (size) => this.resize(size),
      acknowledge: (bytes) => {
        viewer.unacknowledged = Math.max(0, viewer.unacknowledged - bytes);
        this.throttle();
      },
      detach: () => {
        this.viewers.delete(viewer);
        this.throttle();
      },
    };
  }

  /** Closes the connection to the shell. The shell itself is killed by its process tag. */
  dispose(): void {
    this.viewers.clear();
    this.shell.stream.destroy();
    this.screen.dispose();
  }

  private replayTo(viewer: Viewer): void {
    const { cols, rows } = this.screen;
    viewer.view.send({ type: 'replay', screen: this.serializer.serialize(), cols, rows });
    const pending = viewer.pending ?? [];
    viewer.pending = null;
    for (const bytes of pending) this.sendOutput(viewer, bytes);
    if (this.current.state === 'ended') {
      viewer.view.send({ type: 'ended', exitCode: this.current.exitCode });
    }
  }

  private onOutput(chunk: Uint8Array): void {
    const bytes = this.remainder.length > 0 ? Buffer.concat([this.remainder, chunk]) : chunk;
    const end = wholeCharacters(bytes);
    this.remainder = bytes.slice(end);
    this.emit(bytes.subarray(0, end));
  }

  private emit(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.listener.onTraffic();
    this.screenLag += bytes.length;
    this.screen.write(bytes, () => {
      this.screenLag -= bytes.length;
      this.throttle();
    });
    for (const viewer of this.viewers) {
      if (viewer.pending) viewer.pending.push(bytes);
      else this.sendOutput(viewer, bytes);
    }
    this.throttle();
  }

  private sendOutput(viewer: Viewer, bytes: Uint8Array): void {
    viewer.unacknowledged += bytes.length;
    viewer.view.send({ type: 'output', bytes });
  }

  private resize(size: TerminalSize): void {
    if (this.current.state === 'ended') return;
    this.screen.resize(size.cols, size.rows);
    // The shell may end at the same time.
    this.shell.resize(size).catch(() => {});
  }

  private throttle(): void {
    const { stream } = this.shell;
    const lags = [...this.viewers].map(({ unacknowledged }) => unacknowledged);
    const lag = Math.max(this.screenLag, ...lags);
    if (lag > FLOW_HIGH_BYTES && !stream.isPaused()) stream.pause();
    if (lag < FLOW_LOW_BYTES && stream.isPaused()) stream.resume();
  }

  private async onClosed(): Promise<void> {
    this.emit(this.remainder);
    this.remainder = new Uint8Array();
    // The exit code is unknown if the daemon is gone too.
    const exitCode = await this.shell.exitCode().catch(() => null);
    this.current = { ...this.current, state: 'ended', exitCode };
    for (const { view, pending } of this.viewers) {
      if (!pending) view.send({ type: 'ended', exitCode });
    }
    this.listener.onChange(this.current);
  }
}
