import type { TerminalOutput, TerminalSize } from '#shared/terminalPort';

/** Something that shows a terminal: a MessagePort to a window, a WebSocket, a test. */
export interface TerminalView {
  /** Called in order, the replay first. */
  send(output: TerminalOutput): void;
}

/** A view's hold on a session; the session lives on when it detaches. */
export interface TerminalAttachment {
  input(bytes: Uint8Array): void;
  resize(size: TerminalSize): void;
  /** Says that this many bytes of output have been drawn. */
  acknowledge(bytes: number): void;
  detach(): void;
}
