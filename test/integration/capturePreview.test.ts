import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { CapturePreview } from '#shared/contract/schemas/capturePreview';
import type { Snapshot } from '#shared/contract/snapshots';
import type { Engine } from '../../electron/engine/engine';
import { homeIdentity } from '../../electron/engine/host/homeIdentity';
import {
  bootSandbox,
  buildSnapshot,
  dockerHost,
  openTestEngine,
  refusal,
  removeEverything,
} from '../support/engine';
import { runInSandbox } from '../support/runInSandbox';

const exec = promisify(execFile);

let sandglass: Engine;
let operations: Engine['operations'];
let base: Snapshot;
beforeAll(async () => {
  sandglass = await openTestEngine({ keepOpen: true });
  operations = sandglass.operations;
  base = await buildSnapshot(operations);
});
afterEach(async () => {
  for (const { id } of await operations.sandboxes.list()) {
    await operations.sandboxes.delete({ sandbox: id });
  }
});
afterAll(async () => {
  await removeEverything(sandglass);
  await sandglass.close();
});

async function run(sandbox: string, command: string): Promise<string> {
  return (await runInSandbox(sandglass, { sandbox, command })).stdout;
}

/** Runs the docker command, for results independent of the product. */
async function docker(...args: string[]): Promise<string> {
  const options = { env: { ...process.env, DOCKER_HOST: dockerHost() }, maxBuffer: 64 * 1024 ** 2 };
  return (await exec('docker', args, options)).stdout;
}

async function containerOf(name: string): Promise<string> {
  const { id } = await operations.sandboxes.get({ sandbox: name });
  return (
    await docker('ps', '-aq', '--no-trunc', '--filter', `label=dev.sandglass.id=${id}`)
  ).trim();
}

/** Other tests on this daemon may have left objects. */
function ownContainers(): Promise<string> {
  const home = homeIdentity(sandglass.home);
  return docker('ps', '-aq', '--filter', `label=dev.sandglass.home=${home}`);
}

async function preview(sandbox: string): Promise<CapturePreview> {
  let last: CapturePreview | null = null;
  for await (const told of await operations.snapshots.previewCapture({ sandbox })) last = told;
  if (last?.state !== 'done') throw new Error('The preview did not come to its end.');
  return last;
}

/** Without the mount point of Docker's init, and the folder whose time it changes. */
async function diffOf(sandbox: string): Promise<Record<'A' | 'C' | 'D', string[]>> {
  const lines = (await docker('diff', await containerOf(sandbox)))
    .trim()
    .split('\n')
    .filter((line) => !/^. \/sbin(\/docker-init)?$/.test(line));
  const of = (kind: string) =>
    lines.filter((line) => line.startsWith(kind)).map((line) => line.slice(2));
  return { A: of('A'), C: of('C'), D: of('D') };
}

const changes = [
  'mkdir -p /root/.cache/pip /opt/app',
  'dd if=/dev/urandom of=/root/.cache/pip/wheel bs=1k count=3000',
  'dd if=/dev/urandom of=/opt/app/model bs=1k count=2000',
  'echo small > /opt/app/config; ln -s config /opt/app/link; mkdir /opt/empty; mkfifo /opt/app/pipe',
  'echo more >> /etc/passwd; rm /usr/bin/who; rm -r /var/log',
  'dd if=/dev/zero of=/tmp/scratch bs=1k count=500',
].join('\n');

it('lists the changes of docker diff, with the sizes that the sandbox reports', async () => {
  await bootSandbox(operations, { name: 'box', snapshotId: base.id });
  await run('box', changes);
  const diff = await diffOf('box');
  const told = await preview('box');
  expect(told.counts).toEqual({
    added: diff.A.length,
    changed: diff.C.length,
    removed: diff.D.length,
  });
  const listed = told.entries.filter(({ change }) => change === 'added').map(({ path }) => path);
  expect(listed.sort()).toEqual(diff.A.sort());
  const removed = told.entries.filter(({ change }) => change === 'removed');
  expect(removed.map(({ path }) => path).sort()).toEqual(diff.D.sort());

  const files = told.entries.filter(({ kind }) => kind === 'file');
  const names = files.map(({ path }) => `'${path}'`).join(' ');
  const sizes = (await run('box', `stat -c '%n %s' ${names}`)).trim().split('\n');
  expect(files.map(({ path, sizeBytes }) => `${path} ${sizeBytes}`)).toEqual(sizes);
  const sizeOf = (path: string) => told.entries.find((entry) => entry.path === path)?.sizeBytes;
  expect(sizeOf('/root/.cache')).toBe(3000 * 1024);
  expect(sizeOf('/opt/app')).toBe(2000 * 1024 + 'small\n'.length);
  const kinds = Object.fromEntries(told.entries.map(({ path, kind }) => [path, kind]));
  expect(kinds).toMatchObject({
    '/opt/app/link': 'symlink',
    '/opt/empty': 'directory',
    '/opt/app/pipe': 'other',
    '/opt/app': 'directory',
    '/etc/passwd': 'file',
  });

  const size = ['inspect', '--size', '--format', '{{.SizeRw}} {{.SizeRootFs}}'];
  const counted = (await docker(...size, await containerOf('box'))).trim();
  expect(`${told.layerBytes} ${told.totalBytes}`).toBe(counted);
  expect(told.measured.done).toBe(told.measured.total);
  // Largest first, a folder before its contents.
  expect(told.entries.slice(0, 4).map(({ path }) => path)).toEqual([
    '/root',
    '/root/.cache',
    '/root/.cache/pip',
    '/root/.cache/pip/wheel',
  ]);
});

it('lists what is omitted: /tmp with its size, processes, terminals, commands', async () => {
  const { id } = await bootSandbox(operations, { name: 'box', snapshotId: base.id });
  await run('box', 'dd if=/dev/zero of=/tmp/scratch bs=1k count=500');
  await run('box', '(sleep 7777 >/dev/null 2>&1 &) ; (sleep 8888 >/dev/null 2>&1 &)');
  const session = await sandglass.commandSessions.open(id, {
    ...{ commandId: 'one', command: ['tail', '-f', '/dev/null'], shell: '/bin/sh' },
    ...{ closeStdin: true, pty: false, ttlSeconds: 60 },
    ...{ timeoutSeconds: 0, idleTimeoutSeconds: -1, killOnDisconnect: false },
  });
  const terminal = await operations.terminals.open({ sandbox: 'box', cols: 80, rows: 24 });
  const running = async () => {
    const { processes } = (await preview('box')).leftOut;
    return Object.fromEntries(processes.map(({ name, count }) => [name, count]));
  };
  // Each is a shell, or Docker's own program, until its exec.
  await expect.poll(running).toEqual({ sleep: 2, tail: 1, sh: 1 });
  const { leftOut } = await preview('box');
  expect(leftOut).toMatchObject({ mounts: [], terminalCount: 1, commandCount: 1 });
  // As Docker measures the volume: its folder has one block.
  expect(leftOut.tmpBytes).toBeGreaterThanOrEqual(500 * 1024);
  expect(leftOut.tmpBytes).toBeLessThan(520 * 1024);
  await operations.terminals.close({ id: terminal.id });
  await session.kill();
});

it('works on a stopped and a suspended sandbox, and starts neither', async () => {
  await bootSandbox(operations, { name: 'box', snapshotId: base.id });
  await run('box', changes);
  const running = await preview('box');
  await operations.sandboxes.suspend({ sandbox: 'box' });
  const suspended = await preview('box');
  expect(suspended.entries).toEqual(running.entries);
  expect((await operations.sandboxes.get({ sandbox: 'box' })).suspended).toBe(true);
  await operations.sandboxes.start({ sandbox: 'box' });
  await operations.sandboxes.stop({ sandbox: 'box' });
  const stopped = await preview('box');
  expect(stopped.entries).toEqual(running.entries);
  expect(stopped.leftOut.processes).toEqual([]);
  expect((await operations.sandboxes.get({ sandbox: 'box' })).status).toBe('stopped');
});

it('writes nothing to the sandbox or to Docker', async () => {
  await bootSandbox(operations, { name: 'box', snapshotId: base.id });
  await run('box', changes);
  const state = async () => [
    (await docker('diff', await containerOf('box'))).split('\n').sort(),
    await ownContainers(),
    // Entries of the same second have no order.
    (await docker('images', '-aq')).split('\n').sort(),
  ];
  const before = await state();
  await preview('box');
  expect(await state()).toEqual(before);
});

it('stays small with 50,000 files, and counts all of them', async () => {
  await bootSandbox(operations, { name: 'box', snapshotId: base.id });
  await run(
    'box',
    'for d in $(seq 100); do mkdir -p /opt/many/$d; cd /opt/many/$d; seq 500 | xargs touch; done; for f in $(seq 500); do echo $f > $f; done',
  );
  const told = await preview('box');
  expect(told.counts.added).toBe(50_101);
  expect(told.measured).toEqual({ done: 50_000, total: 50_000 });
  expect(told.entries.length).toBeLessThanOrEqual(341);
  const bytes = Number(await run('box', 'find /opt/many -type f | xargs cat | wc -c'));
  expect(told.entries.find(({ path }) => path === '/opt/many')).toMatchObject({
    sizeBytes: bytes,
    pathCount: 50_101,
  });
});

it('ends when cancelled, and does not block the deletion of the sandbox', async () => {
  await bootSandbox(operations, { name: 'box', snapshotId: base.id });
  await run('box', 'dd if=/dev/urandom of=/opt/big bs=1M count=100');
  await run('box', 'mkdir /opt/m; cd /opt/m; for f in $(seq 3000); do echo > $f; done');
  const abort = new AbortController();
  const told = await operations.snapshots.previewCapture(
    { sandbox: 'box' },
    { signal: abort.signal },
  );
  await told.next();
  abort.abort();
  await told.next().catch(() => {});

  const watched = await operations.snapshots.previewCapture({ sandbox: 'box' });
  await watched.next();
  await operations.sandboxes.delete({ sandbox: 'box' });
  const rest = (async () => {
    for await (const _ of watched);
  })();
  expect((await refusal(rest)).code).toBe('cancelled');
  expect(await ownContainers()).toBe('');
});

it('refuses a missing sandbox', async () => {
  expect(await refusal(preview('nobody'))).toMatchObject({ code: 'not_found', field: 'sandbox' });
});
