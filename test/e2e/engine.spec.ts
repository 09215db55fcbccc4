import { join } from 'node:path';
import { startDockerd } from '../support/dockerd';
import { importBusybox } from '../support/images';
import { startApp } from './support/app';
import { expect, test } from './support/fixtures';
import {
  bootSandbox,
  buildSnapshot,
  captureFromPage,
  card,
  goTo,
  sandboxRow,
  terminal,
  typeLine,
} from './support/steps';

test('without Docker the window explains what to do', async ({ home }) => {
  const { window, quit } = await startApp({
    dockerHost: `unix://${join(home, 'nobody.sock')}`,
    home,
  });
  await expect(window.getByRole('heading', { name: 'Sandglass needs Docker' })).toBeVisible();
  await expect(window.getByText('nobody.sock')).toBeVisible();
  await expect(window.getByText(/Retrying/)).toBeVisible();
  await window.getByRole('main').getByRole('button', { name: 'Retry' }).click();
  await expect(window.getByRole('heading', { name: 'Sandglass needs Docker' })).toBeVisible();
  await goTo(window, 'Settings');
  await expect(window.getByRole('heading', { name: 'Settings' })).toBeVisible();
  await quit();
});

test('Docker stops and restarts while the window is open', async ({ home }) => {
  test.slow();
  const daemon = await startDockerd();
  await importBusybox(daemon.host);
  const { window, quit } = await startApp({ dockerHost: daemon.host, home });
  await buildSnapshot(window, 'base');
  await bootSandbox(window, 'base', 'box');
  await typeLine(terminal(window), 'echo first >/opt/one; echo second >/opt/two; echo wrot""e');
  await expect(terminal(window)).toContainText('wrote');
  await captureFromPage(window, 'taken');
  await card(window, 'taken').getByRole('button', { name: 'Open taken' }).click();
  const details = window.getByRole('complementary', { name: 'Details of taken' });
  const tab = (name: string) => details.getByRole('tab', { name, exact: true }).click();
  const entry = (name: string) => details.getByRole('grid').getByRole('row', { name, exact: true });
  const change = (path: string) =>
    details.getByRole('treeitem').filter({ has: window.locator(`[title="${path}"]`) });
  await tab('Contents');
  await expect(entry('opt')).toBeVisible();
  await tab('Changes');
  await change('/opt/one').click();
  const changed = details.getByRole('region', { name: 'Text of /opt/one' });
  await expect(changed.locator('.added')).toHaveText(['1+first']);
  const stale = window.getByText('Docker is not responding. Showing the last known state.');

  await daemon.shutDown();
  await expect(stale).toBeVisible();

  await test.step('Changes are known, texts are not, and both are said', async () => {
    await change('/opt/two').click();
    await expect(
      details.getByText('Docker is not responding, so file contents cannot be read.'),
    ).toBeVisible();
    await expect(change('/opt/one')).toBeVisible();
    await details.getByLabel('Filter by path').fill('two');
    await expect(change('/opt/one')).toHaveCount(0);
    await expect(change('/opt/two')).toBeVisible();
    await expect(stale).toBeVisible();
  });

  await test.step('Contents are walked still, files are not read', async () => {
    await tab('Contents');
    await entry('opt').dblclick();
    await entry('one').click();
    await expect(details.getByRole('grid')).toHaveAccessibleName('Contents of /opt');
    const preview = details.getByRole('region', { name: 'Preview of one' });
    await expect(preview).toContainText('6 B');
    await expect(preview.getByRole('button', { name: 'Save…' })).toBeDisabled();
    await expect(preview.getByRole('alert')).toContainText('Docker');
    await expect(preview).not.toContainText('first');
    await expect(stale).toBeVisible();
  });

  await test.step('lists stay, and nothing that needs Docker can be pressed', async () => {
    await expect(card(window, 'base').getByRole('button', { name: 'Boot' })).toBeDisabled();
    await goTo(window, 'Sandboxes');
    await expect(sandboxRow(window, 'box')).toBeVisible();
    await expect(sandboxRow(window, 'box').getByRole('button', { name: 'Delete' })).toBeDisabled();
    await goTo(window, 'Snapshots');
  });

  await daemon.restart();

  await test.step('what could not be read comes by itself', async () => {
    const preview = details.getByRole('region', { name: 'Preview of one' });
    await expect(preview.locator('pre')).toHaveText('first\n', { timeout: 60_000 });
    await expect(preview.getByRole('button', { name: 'Save…' })).toBeEnabled();
    await expect(stale).toBeHidden();
    await tab('Changes');
    await change('/opt/two').click();
    const text = details.getByRole('region', { name: 'Text of /opt/two' });
    await expect(text.locator('.added')).toHaveText(['1+second']);
  });

  await goTo(window, 'Sandboxes');
  await expect(sandboxRow(window, 'box')).toContainText('Stopped');
  await sandboxRow(window, 'box').getByRole('button', { name: 'Start' }).click();
  await expect(sandboxRow(window, 'box')).toContainText('Running');
  await quit();
  await daemon.stop();
});

test('a snapshot that is not indexed yet says so without Docker, and is indexed when Docker is back', async ({
  home,
}) => {
  const daemon = await startDockerd();
  await importBusybox(daemon.host);
  const { window, quit } = await startApp({ dockerHost: daemon.host, home });
  const details = window.getByRole('complementary', { name: 'Details of newer' });
  await goTo(window, 'Settings');
  const look = window.getByRole('checkbox', { name: /Index snapshots/ });
  await look.click();
  await expect(look).not.toBeChecked();
  await buildSnapshot(window, 'older');
  await buildSnapshot(window, 'newer');
  await daemon.shutDown();
  await expect(window.getByText('Showing the last known state')).toBeVisible();
  await goTo(window, 'Settings');
  await look.click();
  await goTo(window, 'Snapshots');
  await card(window, 'newer').getByRole('button', { name: 'Open newer' }).click();
  await details.getByRole('tab', { name: 'Contents' }).click();
  await expect(details.getByRole('tabpanel')).toContainText('Docker');
  await details.getByRole('tab', { name: 'Changes' }).click();
  await details.getByRole('button', { name: 'Choose a snapshot…' }).click();
  await window.getByRole('option', { name: /older/ }).click();
  await expect(details.getByText('once Docker is available again')).toBeVisible();
  await daemon.restart();
  await expect(details.getByText('No differences')).toBeVisible({ timeout: 60_000 });
  await details.getByRole('tab', { name: 'Contents' }).click();
  await expect(details.getByRole('row', { name: 'etc', exact: true })).toBeVisible();
  await quit();
  await daemon.stop();
});
