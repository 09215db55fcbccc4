import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, it } from 'vitest';
import type { Engine } from '../../electron/engine/engine';
import {
  bootSandbox,
  buildSnapshot,
  eventually,
  openTestEngine,
  removeEverything,
} from '../support/engine';
import { runInSandbox } from '../support/runInSandbox';
import { writeSandboxFile } from '../support/sandboxFiles';

/**
 * What keeps a sandbox from its idle stop. Side by side, since each mostly waits: so each can wait for longer
 * than a busy machine may need between two uses.
 */

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

async function hasStopped(sandbox: string): Promise<void> {
  await eventually(async () => {
    const { status, activity } = await operations.sandboxes.get({ sandbox });
    return status === 'stopped' && activity === null;
  });
}

describe.concurrent('a sandbox with an idle timeout', () => {
  it('is kept running by a command and by file operations', async ({ expect }) => {
    const sandbox = 'worker';
    await bootSandbox(operations, { name: sandbox, snapshotName: 'base', idleStopSeconds: 12 });
    const started = Date.now();
    await runInSandbox(sandglass, { sandbox, command: 'sleep 13' });
    expect((await operations.sandboxes.get({ sandbox })).status).toBe('ready');
    const bytes = new Uint8Array(1);
    for (let round = 0; round < 13; round += 1) {
      await sleep(1000);
      await writeSandboxFile(sandglass, { sandbox, path: '/opt/f', bytes });
    }
    const { status, startedAt } = await operations.sandboxes.get({ sandbox });
    expect({ status, sinceStart: Date.now() - started >= 26_000 }).toEqual({
      status: 'ready',
      sinceStart: true,
    });
    expect(startedAt).toBeLessThanOrEqual(started);
    await hasStopped(sandbox);
  });

  it.for([
    ['what is typed into', 'typed', 'cat > /dev/null\n', true],
    ['what comes out of', 'talking', 'while :; do echo on; sleep 1; done\n', false],
  ] as const)('%s a terminal is use', async ([_what, name, line, isTyped], { expect }) => {
    await bootSandbox(operations, { name, snapshotName: 'base', idleStopSeconds: 15 });
    const { id } = await operations.terminals.open({ sandbox: name, cols: 80, rows: 24 });
    const view = sandglass.attachTerminal(id, { send: () => {} });
    const type = (text: string) => view.input(new TextEncoder().encode(text));
    type(`stty -echo; ${line}`);
    for (let round = 0; round < 20; round += 1) {
      await sleep(1000);
      if (isTyped) type('x');
    }
    expect((await operations.sandboxes.get({ sandbox: name })).status).toBe('ready');
  });

  it('is kept running by the traffic of a connection, but not by an idle one', async ({
    expect,
  }) => {
    const sandbox = 'server';
    await bootSandbox(operations, { name: sandbox, snapshotName: 'base' });
    await runInSandbox(sandglass, {
      sandbox,
      command:
        '(nc -ll -p 9000 -e cat) >/dev/null 2>&1 & until grep -q ":2328 0*:0000 0A" /proc/net/tcp /proc/net/tcp6; do sleep 0.1; done',
    });
    await operations.sandboxes.update({ sandbox, idleStopSeconds: 15 });
    const busy = await sandglass.connections.dial(sandbox, 9000);
    busy.on('error', () => {}).resume();
    // Longer than the idle timeout: only the traffic keeps it running.
    for (let second = 0; second < 20; second += 1) {
      busy.write('x');
      await sleep(1000);
    }
    expect((await operations.sandboxes.get({ sandbox })).status).toBe('ready');
    // Still open, without traffic.
    await hasStopped(sandbox);
    busy.destroy();
  });
});
