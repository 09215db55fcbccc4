import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { API_KEY } from './api';

export interface Frame {
  type: 'started' | 'stdout' | 'stderr' | 'ack' | 'exit' | 'error';
  command_id?: string;
  data?: string;
  offset?: number;
  exit_code?: number;
  error_type?: string;
  error?: string;
}

/** WebSocket of a command, with single frames. */
export interface RawSocket {
  readonly ws: WebSocket;
  send(...frames: object[]): void;
  /** Frames received so far. */
  readonly frames: Frame[];
  /** Waits for the next frame of a type. */
  next(type: Frame['type']): Promise<Frame>;
  /** Resolves with the close code. */
  readonly closed: Promise<number>;
  text(stream: 'stdout' | 'stderr'): string;
}

export async function openSocket(endpoint: string, sandbox: string): Promise<RawSocket> {
  const url = `${endpoint.replace('http', 'ws')}/${encodeURIComponent(sandbox)}/execute/ws`;
  const ws = new WebSocket(url, { headers: { 'x-api-key': API_KEY }, maxPayload: 0 });
  const frames: Frame[] = [];
  let wake = () => {};
  ws.on('message', (data) => {
    frames.push(JSON.parse(String(data)) as Frame);
    wake();
  });
  const closed = new Promise<number>((resolve) => {
    ws.once('close', (code) => {
      resolve(code);
      wake();
    });
  });
  ws.on('error', () => {});
  onTestFinished(() => ws.terminate());
  await once(ws, 'open');
  return {
    ws,
    frames,
    closed,
    send: (...all) => {
      for (const frame of all) ws.send(JSON.stringify(frame));
    },
    next: async (type) => {
      for (;;) {
        const found = frames.find((frame) => frame.type === type);
        if (found) return found;
        if (ws.readyState === WebSocket.CLOSED) {
          throw new Error(`No ${type} came: ${JSON.stringify(frames).slice(0, 500)}`);
        }
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    text: (stream) =>
      frames.flatMap(({ type, data }) => (type === stream && data ? [data] : [])).join(''),
  };
}
