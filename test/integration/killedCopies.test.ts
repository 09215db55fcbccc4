import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import {
  bootSandbox,
  buildSnapshot,
  captureSandbox,
  eventually,
  freshHome,
  openTestEngine,
  removeEverything,
} from '../support/engine';
import { killWhile } from '../support/killedEngine';
import { runInSandbox } from '../support/runInSandbox';

/** Makes a home with a sandbox and a capture of it. */
async function homeWithLarge() {
  const home = await freshHome();
  const sandglass = await openTestEngine({ home });
  const base = await buildSnapshot(sandglass.operations);
  await bootSandbox(sandglass.operations, { name: 'box', snapshotId: base.id });
  await runInSandbox(sandglass, {
    sandbox: 'box',
    command: 'dd if=/dev/urandom of=/opt/big bs=1M count=150',
  });
  const { id } = await captureSandbox(sandglass.operations, { sandbox: 'box', name: 'large' });
  await sandglass.close();
  return { home, id };
}

/** A folder outside the home, with files of similar names. */
async function folderWithMine() {
  const folder = await freshHome();
  await writeFile(join(folder, '.sandglass-0123456789ab'), 'mine');
  await writeFile(join(folder, 'large.tar.partial'), 'mine too');
  const mine = await readdir(folder);
  return { folder, added: async () => (await readdir(folder)).filter((n) => !mine.includes(n)) };
}

it('partial files of a download and an export are removed at the start after a kill', async () => {
  const { home, id } = await homeWithLarge();
  const [downloads, exports] = [await folderWithMine(), await folderWithMine()];
  const input = { sandbox: 'box', path: '/opt', to: downloads.folder };
  await killWhile(home, { do: 'download', input }, () =>
    eventually(async () => (await downloads.added()).length > 0),
  );
  expect(await downloads.added()).toHaveLength(1);
  const file = join(exports.folder, 'large.tar');
  await killWhile(home, { do: 'export', input: { id, file } }, () =>
    eventually(async () => (await exports.added()).length > 0),
  );
  expect(await exports.added()).toHaveLength(1);

  const sandglass = await openTestEngine({ home });
  for (const { added } of [downloads, exports]) {
    // On a slow machine the copy may be complete before the check.
    await eventually(async () => (await added()).every((name) => !name.startsWith('.sandglass-')));
  }
  await eventually(async () => (await readdir(join(home, 'drafts'))).length === 0);
  await removeEverything(sandglass);
});
