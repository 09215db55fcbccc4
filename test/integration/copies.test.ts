import {
  chmod,
  mkdir,
  readdir,
  readFile,
  readlink,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../electron/engine/engine';
import {
  asSoonAs,
  bootSandbox,
  buildSnapshot,
  endOf,
  freshHome,
  openTestEngine,
  refusal,
  removeEverything,
} from '../support/engine';
import { runInSandbox } from '../support/runInSandbox';

let sandglass: Engine;
let operations: Engine['operations'];
beforeAll(async () => {
  sandglass = await openTestEngine({ keepOpen: true });
  operations = sandglass.operations;
  await buildSnapshot(operations);
  await bootSandbox(operations, { name: 'box', snapshotName: 'base', user: 'app' });
});
afterAll(async () => {
  await removeEverything(sandglass);
  await sandglass.close();
});

const asRoot = async (command: string) =>
  (await runInSandbox(sandglass, { sandbox: 'box', command, user: 'root' })).stdout;

describe('copies between the host and a sandbox', () => {
  async function ended({ task }: { task: { id: string } }) {
    return await endOf(operations, task.id);
  }

  it('keep folders, names, contents, modes and links in both directions', async () => {
    const here = await freshHome();
    await mkdir(join(here, 'project/sub dir'), { recursive: true });
    await writeFile(join(here, 'project/sub dir/ünï'), 'content');
    await writeFile(join(here, 'project/run.sh'), '#!/bin/sh\n');
    await chmod(join(here, 'project/run.sh'), 0o755);
    await symlink('run.sh', join(here, 'project/link'));
    const upload = operations.sandboxes.upload({
      ...{ sandbox: 'box', path: '/home/in', from: join(here, 'project') },
    });
    expect(await ended(await upload)).toMatchObject({ state: 'succeeded' });
    expect(
      await asRoot(
        'stat -c "%U %a %n" /home/in/project/run.sh; cat "/home/in/project/sub dir/ünï"',
      ),
    ).toBe('app 755 /home/in/project/run.sh\ncontent');
    const out = await freshHome();
    const download = operations.sandboxes.download({
      ...{ sandbox: 'box', path: '/home/in/project', to: out },
    });
    expect(await ended(await download)).toMatchObject({ state: 'succeeded' });
    expect(await readFile(join(out, 'project/sub dir/ünï'), 'utf8')).toBe('content');
    expect(await readFile(join(out, 'project/link'), 'utf8')).toBe('#!/bin/sh\n');
    expect((await stat(join(out, 'project/run.sh'))).mode & 0o777).toBe(0o755);
  });

  it('never write outside the target folder', async () => {
    const out = await freshHome();
    await asRoot('mkdir -p /opt/evil; ln -s /etc /opt/evil/out; mknod /opt/evil/null c 1 3');
    const download = operations.sandboxes.download({ sandbox: 'box', path: '/opt/evil', to: out });
    expect(await ended(await download)).toMatchObject({ state: 'succeeded' });
    expect(await readlink(join(out, 'evil/out'))).toBe('/etc');
    expect(await readdir(join(out, 'evil'))).toEqual(['out']);
  });

  it('replace a file in the sandbox, and nothing on the host', async () => {
    const here = await freshHome();
    await writeFile(join(here, 'notes.txt'), 'new');
    await asRoot('mkdir -p /opt/place && echo old > /opt/place/notes.txt');
    const upload = operations.sandboxes.upload({
      ...{ sandbox: 'box', path: '/opt/place', from: join(here, 'notes.txt') },
    });
    expect(await ended(await upload)).toMatchObject({ state: 'succeeded' });
    expect(await asRoot('cat /opt/place/notes.txt; ls -A /opt/place')).toBe('newnotes.txt\n');

    const download = operations.sandboxes.download({
      ...{ sandbox: 'box', path: '/opt/place/notes.txt', to: here },
    });
    const saved = join(here, 'notes (2).txt');
    expect(await ended(await download)).toMatchObject({ outcome: `Saved as ${saved}` });
    expect((await readdir(here)).sort()).toEqual(['notes (2).txt', 'notes.txt']);
    expect(await readFile(saved, 'utf8')).toBe('new');

    await asRoot('rm /opt/place/notes.txt && mkdir /opt/place/notes.txt');
    const refused = operations.sandboxes.upload({
      ...{ sandbox: 'box', path: '/opt/place', from: join(here, 'notes.txt') },
    });
    expect(await refusal(refused)).toMatchObject({ code: 'not_a_file' });
  });

  it('leave the previous contents when cancelled', async () => {
    const here = await freshHome();
    await mkdir(join(here, 'folder'));
    for (const name of ['big', 'folder/big', 'known']) {
      await writeFile(join(here, name), Buffer.alloc(300 * 1024 ** 2));
    }
    await asRoot('mkdir /opt/left && echo old > /opt/left/known');
    for (const name of ['big', 'folder', 'known']) {
      const { task } = await operations.sandboxes.upload({
        ...{ sandbox: 'box', path: '/opt/left', from: join(here, name) },
      });
      await asSoonAs(async () => (await operations.tasks.get({ id: task.id })).progress.bytesDone);
      expect(await operations.tasks.cancel({ id: task.id })).toMatchObject({ state: 'cancelled' });
    }
    expect(await asRoot('cat /opt/left/known; ls -A /opt/left')).toBe('old\nknown\n');

    await asRoot('dd if=/dev/zero of=/opt/left/big bs=1M count=300');
    const out = await freshHome();
    const { task } = await operations.sandboxes.download({
      ...{ sandbox: 'box', path: '/opt/left', to: out },
    });
    await asSoonAs(async () => (await operations.tasks.get({ id: task.id })).progress.bytesDone);
    expect(await operations.tasks.cancel({ id: task.id })).toMatchObject({ state: 'cancelled' });
    expect(await readdir(out)).toEqual([]);
    await asRoot('rm -r /opt/left');
  });

  it('report missing files', async () => {
    const upload = operations.sandboxes.upload({ sandbox: 'box', path: '/opt', from: '/nowhere' });
    expect(await refusal(upload)).toMatchObject({ code: 'invalid_input', field: 'from' });
    const download = operations.sandboxes.download({
      ...{ sandbox: 'box', path: '/opt', to: '/nowhere' },
    });
    expect(await refusal(download)).toMatchObject({ code: 'invalid_input', field: 'to' });
  });
});
