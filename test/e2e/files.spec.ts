import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answerDialogs } from './support/dialogs';
import { expect, test } from './support/fixtures';
import { bootSandbox, buildSnapshot, terminal, typeLine } from './support/steps';

test('files are browsed, uploaded, downloaded and deleted', async ({
  running: { window, app },
}) => {
  const folder = await mkdtemp(join(tmpdir(), 'sandglass-files-'));
  await writeFile(join(folder, 'from here.txt'), 'brought in');
  const answer = (path: string) => answerDialogs(app, path);
  await buildSnapshot(window, 'base');
  await bootSandbox(window, 'base', 'box');
  await typeLine(
    terminal(window),
    'mkdir -p /opt/work/sub /opt/many; echo inside > /opt/work/there; cd /opt/many; seq 20000 | xargs touch; echo ma""de',
  );
  await expect(terminal(window)).toContainText('made');

  await window.getByRole('button', { name: 'Files' }).click();
  const files = window.getByRole('region', { name: 'Files' });
  await files.getByLabel('Path').fill('/opt/work');
  await files.getByLabel('Path').press('Enter');
  await expect(files.getByRole('row', { name: 'there' })).toContainText('7 B');

  await test.step('into a folder and up again', async () => {
    await files.getByRole('button', { name: 'sub', exact: true }).click();
    await expect(files.getByText('This folder is empty.')).toBeVisible();
    await files.getByRole('button', { name: 'Parent folder' }).click();
  });
  await test.step('a new folder', async () => {
    await files.getByRole('button', { name: 'New folder' }).click();
    await files.getByLabel('Folder name').fill('my folder');
    await files.getByLabel('Folder name').press('Enter');
    await expect(files.getByRole('button', { name: 'my folder' })).toBeVisible();
  });
  await test.step('a file in, and out', async () => {
    await answer(join(folder, 'from here.txt'));
    await files.getByRole('button', { name: 'Upload file…' }).click();
    await expect(files.getByRole('row', { name: 'from here.txt' })).toContainText('10 B');
    await answer(folder);
    await files
      .getByRole('row', { name: 'there' })
      .getByRole('button', { name: 'Download…' })
      .click();
    await expect
      .poll(() => readFile(join(folder, 'there'), 'utf8').catch(() => ''))
      .toBe('inside\n');
  });
  await test.step('deleted, when asked twice', async () => {
    const row = files.getByRole('row', { name: 'there' });
    await row.getByRole('button', { name: 'Delete' }).click();
    await row.getByRole('button', { name: 'Delete permanently' }).click();
    await expect(row).toHaveCount(0);
  });
  await test.step('of two folders that are asked for, the last one is shown', async () => {
    for (const path of ['/opt/many', '/opt/work']) {
      await files.getByLabel('Path').fill(path);
      await files.getByLabel('Path').press('Enter');
    }
    await expect(files.getByRole('button', { name: 'my folder' })).toBeVisible();
    // The large file may be late.
    await window.waitForTimeout(2000);
    await expect(files.getByRole('button', { name: 'my folder' })).toBeVisible();
  });
  await test.step('what is not there is said', async () => {
    await files.getByLabel('Path').fill('/nowhere');
    await files.getByLabel('Path').press('Enter');
    await expect(files.getByRole('alert')).toContainText('/nowhere does not exist');
  });
  await test.step('a stopped sandbox is started only when the user says so', async () => {
    await window.getByRole('button', { name: 'Stop', exact: true }).click();
    await window.getByRole('button', { name: 'Start and show files' }).click();
    await expect(files.getByLabel('Path')).toBeVisible();
  });
  await rm(folder, { recursive: true });
});
