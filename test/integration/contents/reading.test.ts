import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { Engine } from '../../../electron/engine/engine';
import {
  bootSandbox,
  buildSnapshot,
  captureSandbox,
  contentsOf,
  dockerHost,
  dockerItself,
  eventually,
  openTestEngine,
} from '../../support/engine';
import { runInSandbox } from '../../support/runInSandbox';

const exec = promisify(execFile);

/** Waits until all snapshots are indexed. */
async function allRead({ operations }: Engine): Promise<void> {
  await eventually(async () => {
    const { waiting, reading, ready } = await operations.contents.status();
    return ready > 0 && waiting === 0 && reading === null;
  });
}

test('a capture shares all unchanged folders, and its picture has its own bytes', async () => {
  const sandglass = await openTestEngine({ lookInside: true });
  const { operations } = sandglass;
  const before = await contentsOf(dockerItself());
  const base = await buildSnapshot(operations);
  const sandbox = await bootSandbox(operations, { name: 'worker', snapshotId: base.id });
  await runInSandbox(sandglass, {
    sandbox: sandbox.id,
    command: 'dd if=/dev/urandom of=/opt/big bs=1024 count=900; echo hi > /etc/motd; rm /etc/group',
  });
  const capture = await captureSandbox(operations, { sandbox: sandbox.id, name: 'captured' });
  await allRead(sandglass);

  const list = await operations.contents.list({ snapshotId: capture.id, path: '/etc' });
  expect(list.entries.map(({ name }) => name)).toEqual(['motd', 'passwd']);
  expect(list.entries.map(({ own }) => own)).toEqual([true, false]);

  const compared = await operations.contents.compare({ fromId: base.id, toId: capture.id });
  expect(compared.differences.map(({ path, difference }) => `${difference} ${path}`)).toEqual([
    'removed /etc/group',
    'added /etc/motd',
    'added /opt/big',
  ]);
  expect(compared.counts).toEqual({ added: 2, changed: 0, removed: 1 });

  const { state, parts } = await operations.contents.picture({ snapshotId: capture.id });
  expect(state).toBe('ready');
  const own = parts.reduce((sum, { ownBytes }) => sum + ownBytes, 0);
  expect(own).toBe(900 * 1024 + 3);
  const all = parts.reduce((sum, part) => sum + part.ownBytes + part.inheritedBytes, 0);
  const { stdout } = await exec('sh', [
    '-c',
    `id=$(docker -H ${dockerHost()} create $(docker -H ${dockerHost()} images -q sandglass/captured) x)
     docker -H ${dockerHost()} export $id | tar -tv --numeric-owner | awk '/^-/ {sum += $3} END {print sum}'
     docker -H ${dockerHost()} rm $id > /dev/null`,
  ]);
  expect(all).toBe(Number(stdout));

  await operations.sandboxes.delete({ sandbox: sandbox.id });
  await operations.snapshots.delete({ id: capture.id });
  await operations.snapshots.delete({ id: base.id });
  expect(await contentsOf(dockerItself())).toEqual(before);
});
