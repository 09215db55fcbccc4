import { TERMINAL_PORT_MESSAGE } from '#shared/desktopApi';
import type { TerminalInput, TerminalOutput } from '#shared/terminalPort';
import { receivePort } from './ports';

export interface TerminalConnection {
  send(input: TerminalInput): void;
  /** The session in the main process lives on. */
  close(): void;
}

/** Connects to a terminal's session; `onOutput` gets the replay first. */
export async function connectTerminal(
  terminalId: string,
  onOutput: (output: TerminalOutput) => void,
): Promise<TerminalConnection> {
  const port = await receivePort(
    () => window.sandglass.connectTerminal(terminalId),
    (data) => isAnswerFor(terminalId, data),
  );
  port.onmessage = ({ data }: MessageEvent<TerminalOutput>) => onOutput(data);
  return {
    send: (input) => port.postMessage(input),
    close: () => port.close(),
  };
}

function isAnswerFor(terminalId: string, data: unknown): boolean {
  const answer = data as { type?: unknown; terminalId?: unknown } | null;
  return answer?.type === TERMINAL_PORT_MESSAGE && answer.terminalId === terminalId;
}
