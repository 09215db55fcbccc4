import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { mapped } from './errors';
import { homeLabel, kindLabel, type ObjectKind } from './labels';

/** A change in Docker that may concern us. */
export type DaemonEvent =
  | { subject: 'container'; containerId: string; action: string; own: boolean }
  | { subject: 'image'; action: string };

/** Only these: every command and every file copy would otherwise wake us. */
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

/** The daemon's `/events`: a stream that lives as long as the connection. */
export class DaemonEvents {
  constructor(private readonly docker: Docker) {}

  /**
   * Follows the events. `onEnd` is called once, when the stream breaks: the daemon has gone.
   * Returns a function that stops following, after which nothing is called any more.
   */
  async follow(
    home: string,
    onEvent: (event: DaemonEvent) => void,
    onEnd: () => void,
  ): Promise<() => void> {
    const stream = (await mapped('The events of Docker', () =>
      this.docker.getEvents({ filters: { type: ['container', 'image'], event: actions } }),
    )) as Readable;
    let following = true;
    const end = () => {
      if (!following) return;
      following = false;
      onEnd();
    };
    const lines = createInterface({ input: stream });
    lines.on('line', (line) => {
      const event = following ? parseEvent(line, home) : null;
      if (event) onEvent(event);
    });
    stream.once('end', end);
    stream.once('close', end);
    stream.on('error', end);
    // readline passes its input's errors on.
    lines.on('error', end);
    return () => {
      following = false;
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
  // They come and go by themselves, and nothing that is listed depends on them.
  const reader: ObjectKind = 'reader';
  if (raw.Actor?.Attributes?.[kindLabel] === reader) return null;
  return {
    subject: 'container',
    containerId: raw.Actor?.ID ?? '',
    action: raw.Action ?? '',
    own: raw.Actor?.Attributes?.[homeLabel] === home,
  };
}
