import { join } from 'node:path';
import { startDockerd } from '../support/dockerd';
import { importBusybox } from '../support/images';
import { startApp } from './support/app';
import { expect, test } from './support/fixtures';
import { bootSandbox, buildSnapshot, card, goTo, sandboxRow } from './support/steps';

test('without Docker the window says so, and what to do', async ({ home }) => {
  const { window, quit } = await startApp({
    dockerHost: `unix://${join(home, 'nobody.sock')}`,
    home,
  });
  await expect(window.getByRole('heading', { name: 'Sandglass needs Docker' })).toBeVisible();
  await expect(window.getByText('nobody.sock')).toBeVisible();
  await expect(window.getByText(/Trying (again by itself|now)/)).toBeVisible();
  await window.getByRole('main').getByRole('button', { name: 'Retry' }).click();
  await expect(window.getByRole('heading', { name: 'Sandglass needs Docker' })).toBeVisible();
  await goTo(window, 'Settings');
  await expect(window.getByRole('heading', { name: 'Settings' })).toBeVisible();
  await quit();
});

test('Docker stops under the open window and comes back', async ({ home }) => {
  const daemon = await startDockerd();
  await importBusybox(daemon.host);
  const { window, quit } = await startApp({ dockerHost: daemon.host, home });
  await buildSnapshot(window, 'base');
  await bootSandbox(window, 'base', 'box');
  await goTo(window, 'Sandboxes');

  await daemon.shutDown();
  await expect(
    window.getByText('Docker stopped answering. Showing what was last known.'),
  ).toBeVisible();
  // The list stays, and nothing that needs Docker can be pressed.
  await expect(sandboxRow(window, 'box')).toBeVisible();
  await expect(sandboxRow(window, 'box').getByRole('button', { name: 'Delete' })).toBeDisabled();
  await goTo(window, 'Snapshots');
  await expect(card(window, 'base').getByRole('button', { name: 'Boot' })).toBeDisabled();

  await daemon.restart();
  await expect(window.getByText('Showing what was last known')).toBeHidden({ timeout: 60_000 });
  await goTo(window, 'Sandboxes');
  await expect(sandboxRow(window, 'box')).toContainText('Stopped');
  await sandboxRow(window, 'box').getByRole('button', { name: 'Start' }).click();
  await expect(sandboxRow(window, 'box')).toContainText('Running');
  await quit();
  await daemon.stop();
});
