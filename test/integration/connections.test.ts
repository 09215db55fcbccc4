import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../electron/engine/engine';
import { addNode, DEBIAN_IMAGE, importDebian } from '../support/debian';
import {
  bootSandbox,
  buildSnapshot,
  dockerHost,
  dockerItself,
  eventually,
  openTestEngine,
  refusal,
  removeEverything,
} from '../support/engine';
import { LOOPBACK_SERVICE } from '../support/loopbackService';
import { runInSandbox } from '../support/runInSandbox';
import { writeSandboxFile } from '../support/sandboxFiles';

/** Connections from the host to ports of a sandbox, over every transport. */

const MIB = 1024 ** 2;

let sandglass: Engine;
let operations: Engine['operations'];
beforeAll(async () => {
  sandglass = await openTestEngine({ keepOpen: true });
  operations = sandglass.operations;
  await buildSnapshot(operations);
});
afterAll(async () => {
  await removeEverything(sandglass);
  await sandglass.close();
});

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Starts a background process, and waits until a port has a listener. */
async function serve(sandbox: string, command: string, port: number): Promise<void> {
  await run(sandbox, `(${command}) >/dev/null 2>&1 &`);
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  await eventually(async () => {
    const tables = await run(sandbox, 'cat /proc/net/tcp /proc/net/tcp6');
    return new RegExp(`:${hex} 0+:0000 0A`).test(tables);
  });
}

async function run(sandbox: string, command: string): Promise<string> {
  return (await runInSandbox(sandglass, { sandbox, command })).stdout;
}

/** Reads to the end or to a number of bytes. Iteration would close the other direction too. */
async function receive(connection: Duplex, bytes = Infinity): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let got = 0;
  await new Promise<void>((resolve, reject) => {
    connection.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      got += chunk.length;
      if (got >= bytes) resolve();
    });
    connection.once('end', resolve).once('error', reject);
  });
  return Buffer.concat(chunks);
}

/** Returns the command lines in a sandbox, its init process excluded. */
async function processesOf(sandbox: string): Promise<string> {
  const look = 'for p in /proc/[0-9]*; do tr "\\0" " " < $p/cmdline 2>/dev/null; echo; done';
  const all = await run(sandbox, look);
  return all
    .split('\n')
    .filter((line) => line && !/sleep 86400|tr |docker-init|proc/.test(line))
    .join('\n');
}

describe.each([
  { name: 'with a network', network: true },
  { name: 'without a network', network: false },
])('a sandbox $name', ({ network }) => {
  const echo = 'nc -ll -p 9000 -e cat';
  beforeEach(async () => {
    await bootSandbox(operations, { name: 'box', snapshotName: 'base', network });
    return () => operations.sandboxes.delete({ sandbox: 'box' });
  });

  it('is reachable on an unpublished port, with many connections at a time', async () => {
    await serve('box', echo, 9000);
    const words = Array.from({ length: 20 }, (_, i) => `hello ${i}`);
    const answers = words.map(async (word) => {
      const connection = await sandglass.connections.dial('box', 9000);
      connection.write(word);
      const [chunk] = (await once(connection, 'data')) as [Buffer];
      connection.destroy();
      return chunk.toString();
    });
    expect(await Promise.all(answers)).toEqual(words);
  });

  it('is reachable where a service listens on loopback only', async () => {
    await writeSandboxFile(sandglass, {
      sandbox: 'box',
      path: '/opt/www/index.html',
      bytes: Buffer.from('from inside'),
    });
    await serve('box', 'httpd -f -p 127.0.0.1:8080 -h /opt/www', 8080);
    const connection = await sandglass.connections.dial('box', 8080);
    connection.write('GET /index.html HTTP/1.0\r\n\r\n');
    expect((await receive(connection)).toString()).toContain('from inside');
    connection.destroy();
  });

  it('reports a port without a listener', async () => {
    const refused = await refusal(sandglass.connections.dial('box', 9));
    expect(refused).toMatchObject({ code: 'port_unreachable', retryable: true });
    expect(refused.message).toContain('9');
    expect(refused.hint).not.toBeNull();
  });

  it('is started by a connection when stopped', async () => {
    await operations.sandboxes.stop({ sandbox: 'box' });
    const refused = await refusal(sandglass.connections.dial('box', 9));
    expect(refused.code).toBe('port_unreachable');
    expect((await operations.sandboxes.get({ sandbox: 'box' })).status).toBe('ready');
  });

  it('keeps nothing of connections that were reset, at either end', async () => {
    await serve('box', echo, 9000);
    const before = await processesOf('box');
    const ours = await sandglass.connections.dial('box', 9000);
    ours.write('x');
    await once(ours, 'data');
    ours.destroy();
    const theirs = await sandglass.connections.dial('box', 9000);
    theirs.write('x');
    await once(theirs, 'data');
    const ended = receive(theirs);
    await run('box', 'killall cat');
    await ended;
    theirs.destroy();
    await eventually(async () => (await processesOf('box')) === before);
  });

  it('closes its connections when it stops', async () => {
    await serve('box', echo, 9000);
    const connection = await sandglass.connections.dial('box', 9000);
    const closed = once(connection, 'close');
    connection.on('error', () => {}).resume();
    await operations.sandboxes.stop({ sandbox: 'box' });
    connection.end();
    await closed;
  });
});

describe('the relay in a sandbox', () => {
  beforeAll(async () => {
    await importDebian(dockerHost());
    await buildSnapshot(operations, { name: 'debian', image: DEBIAN_IMAGE });
    const { containerId } = await bootDebian('box');
    await addNode(dockerHost(), containerId);
    await serve('box', 'python3 /opt/service.py', 7003);
  }, 300_000);
  afterAll(() => operations.sandboxes.delete({ sandbox: 'box' }));

  async function bootDebian(name: string) {
    const { id } = await bootSandbox(operations, { name, snapshotName: 'debian' });
    await writeSandboxFile(sandglass, {
      sandbox: 'box',
      path: '/opt/service.py',
      bytes: Buffer.from(LOOPBACK_SERVICE),
    });
    const containers = await dockerItself().listContainers({
      filters: { label: [`dev.sandglass.id=${id}`] },
    });
    return { containerId: containers[0]?.Id ?? '' };
  }

  /** Removes the programs with a higher priority. */
  async function leaveOnly(tool: 'perl' | 'python3' | 'node' | 'bash'): Promise<void> {
    const order = ['perl', 'python3', 'node', 'bash'];
    const without = order.slice(0, order.indexOf(tool));
    await run('box', `for t in ${without.join(' ')} _; do rm -f "$(command -v $t)"; done`);
  }

  for (const tool of ['perl', 'python3', 'node'] as const) {
    it(`with ${tool} keeps every byte, half-closes and back-pressure`, async () => {
      await leaveOnly(tool);
      const upload = randomBytes(20 * MIB);
      const hashed = await sandglass.connections.dial('box', 7001);
      hashed.end(upload);
      expect((await receive(hashed)).toString()).toBe(`${upload.length} ${sha256(upload)}`);

      const sent = await sandglass.connections.dial('box', 7002);
      const whole = Buffer.concat(Array.from({ length: 20 }, (_, i) => Buffer.alloc(MIB, i)));
      expect(sha256(await receive(sent))).toBe(sha256(whole));
      // The peer has half-closed; this side is still open.
      sent.end(`after the end, ${tool}`);
      await once(sent, 'close');
      await eventually(
        async () => (await run('box', 'cat /opt/rest')) === `after the end, ${tool}`,
      );

      const unread = await sandglass.connections.dial('box', 7002);
      unread.read(0);
      await eventually(async () => unread.readableLength > 0);
      const held = unread.readableLength;
      expect(held).toBeLessThan(MIB);
      unread.destroy();
      await once(unread, 'close');
    });
  }

  it('with bash transfers in both directions', async () => {
    await leaveOnly('bash');
    const connection = await sandglass.connections.dial('box', 7003);
    const bytes = randomBytes(5 * MIB);
    connection.write(bytes);
    expect(sha256(await receive(connection, bytes.length))).toBe(sha256(bytes));
    connection.destroy();
    await once(connection, 'close');
  });

  it('reports an image without a suitable program', async () => {
    await run('box', 'rm -f "$(command -v bash)"');
    const refused = await refusal(sandglass.connections.dial('box', 7003));
    expect(refused.code).toBe('port_unreachable');
    expect(refused.hint).toContain('perl');
  });
});
