import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TEST_IMAGE } from '../support/images';
import { startRegistry } from '../support/registry';
import { answerDialogs } from './support/dialogs';
import { expect, test } from './support/fixtures';
import {
  bootSandbox,
  buildSnapshot,
  card,
  choose,
  goTo,
  terminal,
  typeLine,
} from './support/steps';

test('a Dockerfile is built with its log visible, and a file is exported and imported', async ({
  running: { window, app },
}) => {
  const folder = await mkdtemp(join(tmpdir(), 'sandglass-ways-'));
  await writeFile(
    join(folder, 'Dockerfile'),
    `FROM ${TEST_IMAGE}\nARG WHO\nRUN echo "said by $WHO"; echo "$WHO" > /who\n`,
  );
  await answerDialogs(app, folder);
  const open = async () => {
    await goTo(window, 'Snapshots');
    await window.getByRole('button', { name: 'New snapshot' }).first().click();
    return window.getByRole('dialog', { name: 'New snapshot' });
  };

  await test.step('build', async () => {
    const dialog = await open();
    await dialog.getByLabel('Name', { exact: true }).fill('built');
    await dialog.getByLabel('Source').selectOption('A Dockerfile');
    await dialog.getByRole('button', { name: 'Choose…' }).click();
    await expect(dialog.getByLabel('Context folder')).toHaveValue(folder);
    await dialog.getByLabel('Build arguments').fill('WHO=the-test');
    await dialog.getByRole('button', { name: 'Create snapshot' }).click();
    await expect(card(window, 'built').getByRole('button', { name: 'Boot' })).toBeVisible();
    await goTo(window, 'Activity');
    await window.getByRole('button', { name: 'Show log' }).click();
    await expect(window.getByRole('log', { name: 'Log' })).toContainText('said by the-test');
  });

  await test.step('edit its note and labels', async () => {
    await goTo(window, 'Snapshots');
    await card(window, 'built').getByRole('button', { name: 'Open built' }).click();
    const detail = window.getByRole('complementary', { name: 'Details of built' });
    await detail.getByRole('button', { name: 'Edit note' }).click();
    await detail.getByRole('textbox', { name: 'Note' }).fill('A note of mine');
    await window.keyboard.press('Enter');
    await detail.getByRole('button', { name: 'Edit labels' }).click();
    await detail.getByRole('textbox', { name: 'Labels' }).fill('team=ml');
    await detail.getByRole('button', { name: 'Save' }).click();
    await expect(detail).toContainText('A note of mine');
    await expect(detail).toContainText('team: ml');
  });

  const file = join(folder, 'built.tar');
  await test.step('export', async () => {
    await answerDialogs(app, file);
    await window.getByRole('button', { name: 'Export…' }).click();
    await expect(window.getByText('Export built', { exact: true })).toBeVisible();
    await expect.poll(() => stat(file).catch(() => null)).not.toBeNull();
  });

  await test.step('import', async () => {
    const dialog = await open();
    await dialog.getByLabel('Source').selectOption('A file');
    await dialog.getByRole('button', { name: 'Choose…' }).click();
    await dialog.getByLabel('Name', { exact: true }).fill('copied');
    await dialog.getByRole('button', { name: 'Create snapshot' }).click();
    await bootSandbox(window, 'copied', 'from-file');
    await typeLine(terminal(window), 'cat /who');
    await expect(terminal(window)).toContainText('the-test');
  });
  await rm(folder, { recursive: true });
});

test('a registry is added with consent, tested, used and deleted', async ({
  running: { window },
}) => {
  const registry = await startRegistry({ username: 'me', password: 'right' });
  const add = async (password: string) => {
    await window.getByRole('button', { name: 'Add registry' }).first().click();
    const dialog = window.getByRole('dialog', { name: 'Add registry' });
    await dialog.getByLabel('Name', { exact: true }).fill('company');
    await dialog.getByLabel('Address').fill(registry.address);
    await dialog.getByLabel('User name').fill('me');
    await dialog.getByLabel('Password or token').fill(password);
    return dialog;
  };
  await choose(window, 'registries');
  await expect(window.getByText('No registries yet')).toBeVisible();
  const dialog = await add('wrong');
  // The test machine has no keychain.
  const consent = dialog.getByRole('checkbox', { name: /no keychain/ });
  await expect(dialog.getByRole('button', { name: 'Add registry' })).toBeDisabled();
  await consent.check();
  await dialog.getByRole('button', { name: 'Add registry' }).click();
  const row = window.getByRole('listitem', { name: 'company' });
  await row.getByRole('button', { name: 'Test login' }).click();
  await expect(window.getByText(/refused the user name or the password/)).toBeVisible();
  await row.getByRole('button', { name: 'Edit…' }).click();
  const edit = window.getByRole('dialog', { name: 'Edit company' });
  await expect(edit.getByLabel('Password or token')).toHaveValue('');
  await edit.getByLabel('Password or token').fill('right');
  await edit.getByRole('button', { name: 'Save' }).click();
  await row.getByRole('button', { name: 'Test login' }).click();
  await expect(window.getByText('company accepts the login.')).toBeVisible();
  await row.getByRole('button', { name: 'Delete' }).click();
  await window.getByRole('button', { name: 'Delete registry' }).click();
  await expect(row).toHaveCount(0);
  await registry.stop();
});

test('a sandbox of the default image, with a port, is suspended and resumed', async ({
  running: { window, app },
}) => {
  await goTo(window, 'Settings');
  await window.getByLabel('Default image').fill(TEST_IMAGE);
  await window.getByLabel('Default image').press('Enter');
  await choose(window, 'new sandbox');
  const dialog = window.getByRole('dialog', { name: 'New sandbox' });
  await dialog.getByLabel('Name', { exact: true }).fill('web');
  await dialog.getByText('Limits, network').click();
  await dialog.getByLabel('Ports').fill('8000');
  await dialog.getByLabel('Capacity (GiB)').fill('1');
  await dialog.getByRole('button', { name: 'Create sandbox' }).click();
  await expect(terminal(window)).toContainText('#');
  await expect(window.getByText(/of 1.00 GiB \(soft/)).toBeVisible();

  await test.step('its port opens in the browser, and answers', async () => {
    await typeLine(
      terminal(window),
      'echo served > /opt/index.html; httpd -p 8000 -h /opt; echo list""ens',
    );
    await expect(terminal(window)).toContainText('listens');
    await app.evaluate(({ shell }) => {
      shell.openExternal = async (url) => {
        process.env.OPENED = url;
      };
    });
    await window.getByRole('button', { name: 'Open port 8000 in browser' }).click();
    const opened = () => app.evaluate(() => process.env.OPENED ?? '');
    await expect.poll(opened).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    expect(await (await fetch(await opened())).text()).toBe('served\n');
  });

  await test.step('so does one that is not published', async () => {
    await typeLine(terminal(window), 'httpd -p 127.0.0.1:3000 -h /opt; echo this o""ne too');
    await expect(terminal(window)).toContainText('this one too');
    await window.getByRole('button', { name: 'Open a port…' }).click();
    const asked = window.getByRole('dialog', { name: 'Open a port of web' });
    await asked.getByLabel('Port').fill('70000');
    await expect(asked.getByText('A port must be from 1 to 65535.')).toBeVisible();
    await asked.getByLabel('Port').fill('3000');
    await asked.getByRole('button', { name: 'Open in browser' }).click();
    await expect(asked).toHaveCount(0);
    const inBrowser = () => app.evaluate(() => process.env.OPENED ?? '');
    await expect.poll(inBrowser).toContain('/_svc/auth?token=');
    const opened = await inBrowser();
    // As a browser: keeps the cookie and follows the redirect.
    const led = await fetch(opened, { redirect: 'manual' });
    const cookie = led.headers.get('set-cookie')?.split(';')[0] ?? '';
    const shown = await fetch(new URL(led.headers.get('location') ?? '', opened), {
      headers: { cookie },
    });
    expect(await shown.text()).toBe('served\n');
  });

  await test.step('suspend and resume', async () => {
    await window.getByRole('button', { name: 'Suspend' }).click();
    await expect(window.getByRole('heading', { name: 'Suspended' })).toBeVisible();
    await window.getByRole('button', { name: 'Resume sandbox' }).click();
    await expect(window.getByText('Running', { exact: true })).toBeVisible();
    await typeLine(terminal(window), 'echo st""ill here');
    await expect(terminal(window)).toContainText('still here');
  });
});

test('a private image is built with credentials for this build only', async ({
  running: { window },
}) => {
  await buildSnapshot(window, 'plain');
  await goTo(window, 'Snapshots');
  await window.getByRole('button', { name: 'New snapshot' }).click();
  const dialog = window.getByRole('dialog', { name: 'New snapshot' });
  await dialog.getByLabel('Login').selectOption('For this build only…');
  await dialog.getByLabel('Name', { exact: true }).fill('private');
  await dialog.getByLabel('Image').fill(TEST_IMAGE);
  await dialog.getByLabel('User name').fill('me');
  await dialog.getByRole('button', { name: 'Create snapshot' }).click();
  await expect(
    dialog.getByText(/Enter both a user name and a password|Enter the password/),
  ).toBeVisible();
});
