import serializeAddon from '@xterm/addon-serialize';
import xterm from '@xterm/headless';
import type { Terminal } from '#shared/contract/terminals';
import { FLOW_HIGH_BYTES, FLOW_LOW_BYTES, type TerminalSize } from '#shared/terminalPort';
import type { RunningTerminal } from '../docker';
import { wholeCharacters } from '../lib';
import type { TerminalAttachment, TerminalView } from './terminalView';

/** Lines above the screen that a view gets back when it attaches. */
const SCROLLBACK_LINES = 5000;

interface Viewer {
  view: TerminalView;
  /** Bytes sent and not yet acknowledged. */
  behind: number;
  /** Output that came while the replay was being made; null once the viewer is live. */
  held: Uint8Array[] | null;
}

/**
 * One shell on a pseudo-terminal. It keeps the screen itself, so that a view which attaches later
 * gets it back whole at any size; and it pauses the shell's output while a view can't keep up.
 */
export class TerminalSession {
  private readonly screen: xterm.Terminal;
  private readonly serializer = new serializeAddon.SerializeAddon();
  private readonly viewers = new Set<Viewer>();
  private remainder: Uint8Array = new Uint8Array();
  /** Bytes that the screen kept here has not worked in yet. */
  private screenBehind = 0;
  private current: Terminal;

  constructor(
    terminal: Terminal,
    size: TerminalSize,
    private readonly shell: RunningTerminal,
    private readonly listener: {
      onChange(terminal: Terminal): void;
      /** Bytes went either way. */
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
    // What an error means is told by the close that follows it.
    shell.stream.on('error', () => {});
  }

  get terminal(): Terminal {
    return this.current;
  }

  /** Shows the session in a view: the screen so far, then everything that comes. */
  attach(view: TerminalView): TerminalAttachment {
    const viewer: Viewer = { view, behind: 0, held: [] };
    this.viewers.add(viewer);
    // An empty write calls back when all output before it is on the screen.
    this.screen.write('', () => this.replayTo(viewer));
    return {
      input: (bytes) => {
        if (this.current.state !== 'running') return;
        this.listener.onTraffic();
        this.shell.stream.write(bytes);
      },
      resize: (size) => this.resize(size),
      acknowledge: (bytes) => {
        viewer.behind = Math.max(0, viewer.behind - bytes);
        this.regulate();
      },
      detach: () => {
        this.viewers.delete(viewer);
        this.regulate();
      },
    };
  }

  /** Cuts the connection to the shell; the shell itself is ended by its mark. */
  dispose(): void {
    this.viewers.clear();
    this.shell.stream.destroy();
    this.screen.dispose();
  }

  private replayTo(viewer: Viewer): void {
    const { cols, rows } = this.screen;
    viewer.view.send({ type: 'replay', screen: this.serializer.serialize(), cols, rows });
    const held = viewer.held ?? [];
    viewer.held = null;
    for (const bytes of held) this.sendOutput(viewer, bytes);
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
    this.screenBehind += bytes.length;
    this.screen.write(bytes, () => {
      this.screenBehind -= bytes.length;
      this.regulate();
    });
    for (const viewer of this.viewers) {
      if (viewer.held) viewer.held.push(bytes);
      else this.sendOutput(viewer, bytes);
    }
    this.regulate();
  }

  private sendOutput(viewer: Viewer, bytes: Uint8Array): void {
    viewer.behind += bytes.length;
    viewer.view.send({ type: 'output', bytes });
  }

  private resize(size: TerminalSize): void {
    if (this.current.state === 'ended') return;
    this.screen.resize(size.cols, size.rows);
    // The shell may end at this very moment; then there is nothing to resize.
    this.shell.resize(size).catch(() => {});
  }

  private regulate(): void {
    const { stream } = this.shell;
    const worst = Math.max(this.screenBehind, ...[...this.viewers].map(({ behind }) => behind));
    if (worst > FLOW_HIGH_BYTES && !stream.isPaused()) stream.pause();
    if (worst < FLOW_LOW_BYTES && stream.isPaused()) stream.resume();
  }

  private async onClosed(): Promise<void> {
    this.emit(this.remainder);
    this.remainder = new Uint8Array();
    // The daemon may have gone with the shell: then nobody knows the code.
    const exitCode = await this.shell.exitCode().catch(() => null);
    this.current = { ...this.current, state: 'ended', exitCode };
    for (const { view, held } of this.viewers) if (!held) view.send({ type: 'ended', exitCode });
    this.listener.onChange(this.current);
  }
}
