import type { Page } from '@playwright/test';
import { startApp } from '../e2e/support/app';
import { expect, test } from '../e2e/support/fixtures';
import {
  bootSandbox,
  buildSnapshot,
  captureFromPage,
  card,
  goTo,
  sandboxRow,
  terminal,
  typeLine,
} from '../e2e/support/steps';
import { startSilentServer } from '../support/silentServer';
import { makeDemoImages } from './demoImages';
import { chooseTheme, resize, shoot } from './shoot';

test('without Docker', async ({ home }) => {
  const { window, quit } = await startApp({ dockerHost: 'unix:///var/run/nobody.sock', home });
  await chooseTheme(window, 'dark');
  await goTo(window, 'Snapshots');
  await expect(window.getByRole('heading', { name: 'Sandglass needs Docker' })).toBeVisible();
  await shoot(window, 'engine-missing-dark');
  await quit();
});

test('the local API', async ({ daemon, home }) => {
  // The port of the settings, as users have it.
  const env = { SANDGLASS_API_PORT: '' };
  const { window, quit } = await startApp({ dockerHost: daemon.host, home, env });
  for (const theme of ['dark', 'light'] as const) {
    await chooseTheme(window, theme);
    await resize(window, 1280, 800);
    const api = window.getByRole('region', { name: 'Local API' });
    await expect(api.getByRole('status')).toHaveText('Listening on this computer only');
    if (theme === 'light') await shoot(window, 'settings-light');
    await api.evaluate((section) => section.scrollIntoView());
    await shoot(window, `local-api-${theme}`);
  }
  await resize(window, 720, 640);
  await shoot(window, 'local-api-narrow');
  await quit();
});

test('the tour', async ({ daemon, running: { window } }) => {
  await makeDemoImages(daemon.host);
  await resize(window, 1280, 800);
  await chooseTheme(window, 'dark');
  await goTo(window, 'Snapshots');

  await buildSnapshot(window, 'python', 'python:3.12-slim');
  await buildSnapshot(window, 'node', 'node:22-bookworm');
  await buildSnapshot(window, 'debian', 'debian:bookworm');
  await bootSandbox(window, 'python', 'setup-box');
  await typeLine(terminal(window), 'dd if=/dev/zero of=/opt/model.bin bs=1M count=24 2>/dev/null');
  await typeLine(terminal(window), 'echo "model: gpt-5" > /opt/config.yaml');
  await typeLine(terminal(window), 'ls -lh /opt; cat /opt/config.yaml');
  await expect(terminal(window)).toContainText('model: gpt-5');
  await shoot(window, 'terminal-dark');

  await captureFromPage(window, 'ml-ready');
  await bootSandbox(window, 'ml-ready', 'experiment-7');
  await bootSandbox(window, 'node', 'api-under-test');
  await bootSandbox(window, 'debian', 'old-build');
  await window.getByRole('button', { name: 'Sandbox settings' }).click();
  await window.getByLabel('Stop when idle (minutes)').fill('30');
  await shoot(window, 'sandbox-settings-dark');
  await window.getByRole('button', { name: 'Save' }).click();
  await expect(window.getByText('stops after 30 min')).toBeVisible();
  await window.getByRole('button', { name: 'Stop', exact: true }).click();
  await expect(window.getByRole('heading', { name: 'Stopped' })).toBeVisible();
  await shoot(window, 'stopped-dark');

  await goTo(window, 'Sandboxes');
  await sandboxRow(window, 'setup-box').getByRole('button', { name: 'setup-box' }).click();
  await files(window);
  await shoot(window, 'files-dark');
  await window.getByRole('button', { name: 'Terminals', exact: true }).click();

  await goTo(window, 'Sandboxes');
  await expect(sandboxRow(window, 'old-build')).toContainText('Stopped');
  await shoot(window, 'sandboxes-dark');
  await buildSnapshot(window, 'python', 'python:3.12-slim');
  await goTo(window, 'Snapshots');
  await window.getByRole('button', { name: 'Open python' }).click();
  await shoot(window, 'versions-dark');
  await window.getByRole('button', { name: 'Close details' }).click();

  await window.getByRole('button', { name: 'New snapshot' }).click();
  await window.getByRole('dialog').getByLabel('Name').fill('Not a name');
  await shoot(window, 'new-snapshot-dark');
  await window.keyboard.press('Escape');
  await window.keyboard.press('Control+k');
  await window.keyboard.type('cap');
  await shoot(window, 'palette-dark');
  await window.keyboard.press('Escape');
  await registries(window);
  await shoot(window, 'registries-dark');
  await activity(window);

  await chooseTheme(window, 'light');
  await goTo(window, 'Snapshots');
  await card(window, 'node').getByRole('button', { name: 'Options…' }).click();
  await window.getByText('Limits, network').click();
  await shoot(window, 'new-sandbox-light');
  await window.keyboard.press('Escape');
  await goTo(window, 'Sandboxes');
  await shoot(window, 'sandboxes-light');
  await sandboxRow(window, 'setup-box').getByRole('button', { name: 'setup-box' }).click();
  await expect(terminal(window)).toContainText('model: gpt-5');
  await shoot(window, 'terminal-light');
  await files(window);
  await shoot(window, 'files-light');
  await goTo(window, 'Registries');
  await shoot(window, 'registries-light');
  await goTo(window, 'Sandboxes');
  await sandboxRow(window, 'setup-box').getByRole('button', { name: 'setup-box' }).click();

  await resize(window, 720, 640);
  await shoot(window, 'terminal-narrow');
  await files(window);
  await shoot(window, 'files-narrow');
  await goTo(window, 'Sandboxes');
  await shoot(window, 'sandboxes-narrow');
  await goTo(window, 'Registries');
  await shoot(window, 'registries-narrow');
});

/** Opens the files of a sandbox from its page. */
async function files(window: Page): Promise<void> {
  await window.getByRole('button', { name: 'Files', exact: true }).click();
  const region = window.getByRole('region', { name: 'Files' });
  await region.getByLabel('Path').fill('/opt');
  await region.getByLabel('Path').press('Enter');
  await expect(region.getByRole('row', { name: 'config.yaml' })).toBeVisible();
}

/** Adds two registries. There is no keychain here, so consent is given first. */
async function registries(window: Page): Promise<void> {
  await goTo(window, 'Registries');
  for (const [name, url] of [
    ['company', 'https://registry.company.example'],
    ['github', 'ghcr.io'],
  ] as const) {
    await window.getByRole('button', { name: 'Add registry' }).first().click();
    const dialog = window.getByRole('dialog');
    await dialog.getByLabel('Name', { exact: true }).fill(name);
    await dialog.getByLabel('Address').fill(url);
    await dialog.getByLabel('User name').fill('builder');
    await dialog.getByLabel('Password or token').fill('secret');
    // The consent is requested once.
    const consent = dialog.getByRole('checkbox', { name: /no keychain/ });
    if (await consent.isVisible()) await consent.check();
    await dialog.getByRole('button', { name: 'Add registry' }).click();
    await expect(dialog).toBeHidden();
  }
}

/** Shows a failed task, a running pull and a history. */
async function activity(window: Page): Promise<void> {
  const silent = await startSilentServer();
  for (const [name, image] of [
    ['broken', '127.0.0.1:1/team/tools:1'],
    ['tools', `${silent.address}/team/tools:1`],
  ] as const) {
    await goTo(window, 'Snapshots');
    await window.getByRole('button', { name: 'New snapshot' }).click();
    const dialog = window.getByRole('dialog', { name: 'New snapshot' });
    await dialog.getByLabel('Name').fill(name);
    await dialog.getByLabel('Image').fill(image);
    await dialog.getByRole('button', { name: 'Create snapshot' }).click();
    await expect(dialog).toBeHidden();
  }
  await expect(card(window, 'tools').getByRole('progressbar')).toBeVisible();
  await goTo(window, 'Activity');
  await expect(window.getByRole('alert')).toBeVisible();
  for (const toast of await window.getByRole('button', { name: 'Close toast' }).all()) {
    await toast.click();
  }
  await shoot(window, 'activity-dark');
  await window.getByRole('listitem').first().getByRole('button', { name: 'Cancel' }).click();
  await expect(window.getByRole('listitem').first()).toContainText('Cancelled');
  silent.close();
}
