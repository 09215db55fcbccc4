import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { mapped } from './errors';
import { homeLabel, kindLabel, type ObjectKind } from './labels';

/** Change of a container or image in Docker. */
export type DaemonEvent =
  | { subject: 'container'; containerId: string; action: string; own: boolean }
  | { subject: 'image'; action: string };

/** Actions to subscribe to. Others, such as `exec_start`, occur with every command and file copy. */
const actions = [
  'create',
  'start',
  'die',
  'stop',
  'oom',
  'destroy',
  'rename',
  'pause',
  'unpause',
  'update',
  'delete',
  'untag',
  'tag',
];

/** Event stream of the daemon (`GET /events`). */
export class DaemonEvents {
  constructor(private readonly docker: Docker) {}

  /**
   * Subscribes to the events. `onEnd` is called once, when the stream ends because the connection is
   * lost. Returns the function to unsubscribe, after which no listener is called.
   *
   * @throws SandglassError `engine_unreachable`
   */
  async follow(
    home: string,
    onEvent: (event: DaemonEvent) => void,
    onEnd: () => void,
  ): Promise<() => void> {
    const stream = (await mapped('The events of Docker', () =>
      this.docker.getEvents({ filters: { type: ['container', 'image'], event: actions } }),
    )) as Readable;
    let isSubscribed = true;
    const end = () => {
      if (!isSubscribed) return;
      isSubscribed = false;
      onEnd();
    };
    const lines = createInterface({ input: stream });
    lines.on('line', (line) => {
      const event = isSubscribed ? parseEvent(line, home) : null;
      if (event) onEvent(event);
    });
    stream.once('end', end);
    stream.once('close', end);
    stream.on('error', end);
    // readline re-emits errors of its input.
    lines.on('error', end);
    return () => {
      isSubscribed = false;
      lines.close();
      stream.destroy();
    };
  }
}

function parseEvent(line: string, home: string): DaemonEvent | null {
  if (!line.trim()) return null;
  const raw = JSON.parse(line) as {
    Type?: string;
    Action?: string;
    Actor?: { ID?: string; Attributes?: Record<string, string> };
  };
  if (raw.Type === 'image') return { subject: 'image', action: raw.Action ?? '' };
  // Snapshot containers are internal: no listed object depends on them.
  const reader: ObjectKind = 'reader';
  if (raw.Actor?.Attributes?.[kindLabel] === reader) return null;
  return {
    subject: 'container',
    containerId: raw.Actor?.ID ?? '',
    action: raw.Action ?? '',
    own: raw.Actor?.Attributes?.[homeLabel] === home,
  };
}
