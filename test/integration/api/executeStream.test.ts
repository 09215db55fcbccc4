import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiServer } from '../../../electron/api/server';
import type { Engine } from '../../../electron/engine/engine';
import { API_KEY, openApi } from '../../support/api';
import {
  bootSandbox,
  buildSnapshot,
  eventually,
  openTestEngine,
  removeEverything,
} from '../../support/engine';
import { readEvents, type StreamEvent } from '../../support/eventStream';
import { runInSandbox } from '../../support/runInSandbox';
import { readSandboxFile } from '../../support/sandboxFiles';

/** Commands as server-sent events, as the Python client reads them. */

let sandglass: Engine;
let api: ApiServer & { endpoint: string };
beforeAll(async () => {
  sandglass = await openTestEngine({ keepOpen: true });
  api = await openApi(sandglass, { keepOpen: true });
  await buildSnapshot(sandglass.operations);
  await bootSandbox(sandglass.operations, { name: 'box', snapshotName: 'base' });
});
afterAll(async () => {
  await removeEverything(sandglass);
  await api.close();
  await sandglass.close();
});

async function post(path: string, body: object, signal?: AbortSignal): Promise<Response> {
  return await fetch(`${api.endpoint}/${path}`, {
    method: 'POST',
    headers: { 'x-api-key': API_KEY, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal,
  });
}

const start = (body: object, signal?: AbortSignal) =>
  post('box/execute/stream/start', body, signal);

/** State of a client: bytes, and its offset in each stream. */
class Reader {
  readonly bytes = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  readonly at = { stdout: 0, stderr: 0 };
  readonly others: StreamEvent[] = [];

  take(event: StreamEvent): void {
    const { type, data } = event;
    if (type !== 'stdout' && type !== 'stderr') {
      this.others.push(event);
      return;
    }
    // No byte is lost or repeated.
    expect(data.offset).toBe(this.at[type]);
    const bytes = Buffer.from(String(data.data), 'base64');
    this.bytes[type].push(bytes);
    this.at[type] += bytes.length;
  }

  async takeAll(response: Response): Promise<this> {
    for await (const event of readEvents(response)) this.take(event);
    return this;
  }

  get last(): StreamEvent | undefined {
    return this.others.at(-1);
  }

  get offsets() {
    return { stdout_offset: this.at.stdout, stderr_offset: this.at.stderr };
  }

  whole(stream: 'stdout' | 'stderr'): Buffer {
    return Buffer.concat(this.bytes[stream]);
  }
}

describe('a command as a stream of events', () => {
  it('sends its start, both outputs, their ends and its exit', async () => {
    const response = await start({
      command: 'printf "\\377\\000\\303"; echo e >&2; exit 3',
      command_id: 'first',
      timeout_seconds: 30,
    });
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const reader = await new Reader().takeAll(response);
    // Binary output is unchanged.
    expect([...reader.whole('stdout')]).toEqual([0xff, 0, 0xc3]);
    expect(String(reader.whole('stderr'))).toBe('e\n');
    expect(reader.others.map(({ type }) => type)).toEqual([
      'started',
      'stream_end',
      'stream_end',
      'exit',
    ]);
    expect(reader.others[0]?.data).toMatchObject({ command_id: 'first', pid: expect.any(Number) });
    expect(reader.others[1]?.data).toMatchObject({ stream: 'stdout', offset: 3 });
    expect(reader.last?.data).toMatchObject({ exit_code: 3 });
  });

  it('is the same command for the same id, and resumes at the offset of its reader', async () => {
    const body = {
      command:
        'echo run >> /opt/runs; printf abcdef; while [ ! -e /opt/go ]; do sleep 0.1; done; echo g',
      command_id: 'same',
    };
    const cut = new AbortController();
    const first = new Reader();
    for await (const event of readEvents(await start(body, cut.signal))) {
      first.take(event);
      if (first.at.stdout === 6) break;
    }
    cut.abort();
    const [again, resumed] = await Promise.all([
      start(body),
      post('box/execute/stream/resume', { command_id: 'same', ...first.offsets }),
    ]);
    await post('box/execute', { command: 'touch /opt/go' });
    expect(String((await new Reader().takeAll(again)).whole('stdout'))).toBe('abcdefg\n');
    expect(String((await first.takeAll(resumed)).whole('stdout'))).toBe('abcdefg\n');
    expect(first.last?.type).toBe('exit');
    const runs = await readSandboxFile(sandglass, {
      sandbox: 'box',
      path: '/opt/runs',
    });
    expect(new TextDecoder().decode(runs)).toBe('run\n');
  });

  it('makes its reader resume periodically, without losing or repeating output', async () => {
    const mebibytes = 40;
    const command = `dd if=/dev/urandom of=/opt/noise bs=1M count=${mebibytes} 2>/dev/null; cat /opt/noise`;
    const reader = new Reader();
    let response = await start({ command, command_id: 'noise', timeout_seconds: 0 });
    let acknowledged = 0;
    let cuts = 0;
    while (reader.last?.type !== 'exit') {
      const cutAt = reader.at.stdout + 3 * 1024 ** 2;
      try {
        for await (const event of readEvents(response)) {
          reader.take(event);
          if (event.type === 'ack_required') {
            expect(event.data).toMatchObject(reader.offsets);
            acknowledged += 1;
          }
          if (cuts < 3 && reader.at.stdout > cutAt) {
            cuts += 1;
            break;
          }
        }
      } finally {
        await response.body?.cancel().catch(() => {});
      }
      if (reader.last?.type === 'exit') break;
      expect(reader.last?.type).not.toBe('error');
      response = await post('box/execute/stream/resume', {
        command_id: 'noise',
        ...reader.offsets,
      });
    }
    expect(acknowledged).toBeGreaterThan(0);
    expect(cuts).toBe(3);
    const [sum] = (
      await runInSandbox(sandglass, {
        sandbox: 'box',
        command: 'sha256sum /opt/noise',
        timeoutSeconds: 60,
      })
    ).stdout.split(' ');
    expect(createHash('sha256').update(reader.whole('stdout')).digest('hex')).toBe(sum);
    expect(reader.at.stdout).toBe(mebibytes * 1024 ** 2);
  });

  it('reports a timeout, an unknown command and an expired one as errors', async () => {
    const late = await new Reader().takeAll(
      await start({ command: 'sleep 1000', timeout_seconds: 1 }),
    );
    expect(late.last).toMatchObject({ type: 'error', data: { error_type: 'CommandTimeout' } });
    const resume = async (command_id: string) =>
      (await new Reader().takeAll(await post('box/execute/stream/resume', { command_id }))).last;
    expect(await resume('nothing')).toMatchObject({
      type: 'error',
      data: { error_type: 'CommandNotFound' },
    });
    await new Reader().takeAll(
      await start({ command: 'true', command_id: 'brief', ttl_seconds: 0 }),
    );
    await eventually(async () => (await resume('brief'))?.data.error_type === 'SessionExpired');
    const nowhere = await post('nowhere/execute/stream/start', { command: 'true' });
    expect(nowhere.status).toBe(404);
    expect((await start({ command: '' })).status).toBe(422);
  });

  it('without a reader is killed after its idle timeout', async () => {
    const cut = new AbortController();
    const body = { command: 'sleep 4322', command_id: 'idle', idle_timeout_seconds: 1 };
    for await (const { type } of readEvents(await start(body, cut.signal))) {
      if (type === 'started') break;
    }
    cut.abort();
    await eventually(async () => {
      const command = 'pgrep -f "sleep 4322" >/dev/null && echo there || echo none';
      return (await runInSandbox(sandglass, { sandbox: 'box', command })).stdout === 'none\n';
    });
  });
});
