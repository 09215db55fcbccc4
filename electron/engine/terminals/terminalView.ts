import type { TerminalOutput, TerminalSize } from '#shared/terminalPort';

/** Receiver of a terminal's output: a MessagePort to a window, a WebSocket, a test. */
export interface TerminalView {
  /** Receives output in order, the replay of the screen first. */
  send(output: TerminalOutput): void;
}

/** Input of a view that is attached to a session. The session outlives the view. */
export interface TerminalAttachment {
  input(bytes: Uint8Array): void;
  resize(size: TerminalSize): void;
  /** Acknowledges bytes of output that the view has drawn. */
  acknowledge(bytes: number): void;
  detach(): void;
}
