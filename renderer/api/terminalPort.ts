import { TERMINAL_PORT_MESSAGE } from '#shared/desktopApi';
import type { TerminalInput, TerminalOutput } from '#shared/terminalPort';
import { receivePort } from './ports';

export interface TerminalConnection {
  send(input: TerminalInput): void;
  /** Disconnects from the session, which keeps running in the main process. */
  close(): void;
}

/** Connects to a terminal session. The first message passed to `onOutput` is the replay. */
export async function connectTerminal(
  terminalId: string,
  onOutput: (output: TerminalOutput) => void,
): Promise<TerminalConnection> {
  const port = await receivePort(
    () => window.sandglass.connectTerminal(terminalId),
    (data) => isResponseFor(terminalId, data),
  );
  port.onmessage = ({ data }: MessageEvent<TerminalOutput>) => onOutput(data);
  return {
    send: (input) => port.postMessage(input),
    close: () => port.close(),
  };
}

function isResponseFor(terminalId: string, data: unknown): boolean {
  const message = data as { type?: unknown; terminalId?: unknown } | null;
  return message?.type === TERMINAL_PORT_MESSAGE && message.terminalId === terminalId;
}
