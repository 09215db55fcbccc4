import { removeHome, startApp, startSecondApp } from './support/app';
import { expect, test } from './support/fixtures';
import { bootSandbox, buildSnapshot, card, goTo, sandboxRow, terminal } from './support/steps';

test('the app shows the same after a restart', async ({ daemon, home }) => {
  const first = await startApp({ dockerHost: daemon.host, home });
  await buildSnapshot(first.window, 'base');
  await bootSandbox(first.window, 'base', 'kept-box');
  await goTo(first.window, 'Settings');
  await first.window.getByLabel('Theme').selectOption('dark');
  await expect(first.window.locator('html')).toHaveAttribute('data-theme', 'dark');
  await first.quit();

  const second = await startApp({ dockerHost: daemon.host, home });
  await expect(second.window.locator('html')).toHaveAttribute('data-theme', 'dark');
  await expect(card(second.window, 'base')).toContainText('1 sandbox');
  await goTo(second.window, 'Sandboxes');
  await expect(sandboxRow(second.window, 'kept-box')).toContainText('Running');
  await sandboxRow(second.window, 'kept-box').getByRole('button', { name: 'Terminal' }).click();
  await expect(terminal(second.window)).toContainText('#');
  await goTo(second.window, 'Activity');
  await expect(second.window.getByRole('list', { name: 'Operations' })).toContainText(
    'Boot kept-box',
  );
  await second.quit();
});

test('a second start with the same home focuses the first window; another home runs in parallel', async ({
  daemon,
  home,
  running,
}) => {
  await buildSnapshot(running.window, 'base');
  expect(await startSecondApp(daemon.host, home)).toEqual([0, null]);
  const beside = await startApp({ dockerHost: daemon.host });
  await expect(beside.window.getByText('No snapshots yet')).toBeVisible();
  await beside.quit();
  await removeHome(beside.home);
  await expect(card(running.window, 'base')).toBeVisible();
});

test('a terminal continues while the window shows another page', async ({
  running: { window },
}) => {
  await buildSnapshot(window, 'base');
  await bootSandbox(window, 'base', 'box');
  await terminal(window).getByRole('textbox').focus();
  await window.keyboard.type('cd /opt; MARK=still-here; echo before""-leaving\n');
  await expect(terminal(window)).toContainText('before-leaving');
  await goTo(window, 'Snapshots');
  await goTo(window, 'Sandboxes');
  await window.getByRole('row', { name: 'box' }).getByRole('button', { name: 'box' }).click();
  await expect(terminal(window)).toContainText('before-leaving');
  await terminal(window).getByRole('textbox').focus();
  await window.keyboard.type('echo $MARK in $PWD\n');
  await expect(terminal(window)).toContainText('still-here in /opt');
});

test('a sandbox is renamed and given a lifetime', async ({ running: { window } }) => {
  await buildSnapshot(window, 'base');
  await bootSandbox(window, 'base', 'box');
  await window.getByRole('button', { name: 'Sandbox settings' }).click();
  const dialog = window.getByRole('dialog', { name: 'Settings for box' });
  await dialog.getByLabel('Name').fill('better-name');
  await dialog.getByLabel('Stop when idle (minutes)').fill('90');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(window.getByRole('heading', { name: 'better-name' })).toBeVisible();
  await expect(window.getByText('stops after 1 h 30 min without use')).toBeVisible();
  await expect(terminal(window)).toContainText('#');
});
