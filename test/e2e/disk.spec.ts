import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Page } from '@playwright/test';
import Docker from 'dockerode';
import { formatBytes } from '#shared/format';
import { diskUsage, inTurn } from '../support/diskUsage';
import { type Dockerd, startDockerd } from '../support/dockerd';
import { commitFiller, importBusybox, TEST_IMAGE } from '../support/images';
import { type RunningApp, startApp } from './support/app';
import { test as base, expect } from './support/fixtures';
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

const exec = promisify(execFile);

/** A daemon of its own: objects of other tests would be in the sums. */
const test = base.extend<{ own: { daemon: Dockerd; docker: Docker; running: RunningApp } }>({
  own: async ({ home }, use) => {
    const daemon = await startDockerd();
    await importBusybox(daemon.host);
    const docker = new Docker({ socketPath: daemon.host.replace('unix://', '') });
    const running = await startApp({ dockerHost: daemon.host, home });
    await use({ daemon, docker, running });
    await running.quit();
    await daemon.stop();
  },
});

/** Output of the docker command, by the first word of each line. */
async function systemDf({ host }: Dockerd): Promise<Record<string, string>> {
  const format = '{{.Type}}|{{.Size}}';
  const env = { ...process.env, DOCKER_HOST: host };
  const argv = ['system', 'df', '--format', format];
  const { stdout } = await inTurn(() => exec('docker', argv, { env }));
  return Object.fromEntries(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.split('|') as [string, string]),
  );
}

/** Makes a capture with 24 MiB of own files, with its sandbox stopped and two versions of its parent. */
async function fill(window: Page): Promise<void> {
  await buildSnapshot(window, 'base');
  await bootSandbox(window, 'base', 'maker');
  await typeLine(terminal(window), 'dd if=/dev/urandom of=/opt/a bs=1M count=24; echo di""d');
  await expect(terminal(window)).toContainText('did');
  await captureFromPage(window, 'big');
  await goTo(window, 'Sandboxes');
  await sandboxRow(window, 'maker').getByRole('button', { name: 'Stop' }).click();
  await expect(sandboxRow(window, 'maker')).toContainText('Stopped');
}

function usageOf(window: Page) {
  return window.getByRole('region', { name: 'Docker disk usage' });
}

test('the numbers match docker system df, and reclaiming frees what was announced', async ({
  own: { daemon, docker, running },
}) => {
  const { window } = running;
  await commitFiller(docker, 'somebody/else', 6);
  await fill(window);

  await test.step('the line under the rail leads to the page', async () => {
    await window.getByRole('button', { name: /on disk$/ }).click();
    await expect(window.getByRole('heading', { name: 'Disk' })).toBeVisible();
  });

  await test.step('the sums are those of docker', async () => {
    const df = await systemDf(daemon);
    await expect(usageOf(window)).toContainText(`Images ${df.Images}`);
    await expect(usageOf(window)).toContainText(`Containers ${df.Containers}`);
    await expect(usageOf(window)).toContainText(`Volumes ${df['Local Volumes']}`);
    await expect(usageOf(window)).toContainText(`Build cache ${df['Build Cache']}`);
  });

  const table = window.getByRole('table', { name: 'Snapshots on disk' });
  await test.step('the tables sort by their headings, with keys too', async () => {
    const names = () => table.getByRole('row').getByRole('button', { name: /^(base|big)$/ });
    await expect(names()).toHaveText(['big', 'base']);
    await table.getByRole('button', { name: 'Name' }).focus();
    await window.keyboard.press('Enter');
    await expect(names()).toHaveText(['base', 'big']);
    await window.keyboard.press('Enter');
    await expect(names()).toHaveText(['big', 'base']);
    await expect(table.getByRole('row', { name: /^base/ })).toContainText('maker');
    await window.getByRole('tab', { name: /^Sandboxes/ }).click();
    const sandboxes = window.getByRole('table', { name: 'Sandboxes on disk' });
    await expect(sandboxes.getByRole('row', { name: /^maker/ })).toContainText('24.0 MiB');
  });

  await test.step('reclaim', async () => {
    await window.getByRole('button', { name: 'Reclaim…' }).click();
    const dialog = window.getByRole('dialog', { name: 'Reclaim disk space' });
    // base can be deleted only with its sandbox.
    await expect(dialog.getByRole('checkbox', { name: 'base' })).toBeDisabled();
    await dialog.getByRole('checkbox', { name: 'maker' }).check();
    await dialog.getByRole('checkbox', { name: 'base' }).check();
    await dialog.getByRole('checkbox', { name: 'All unused snapshots' }).check();
    const sum = dialog.getByText(/^Deleting these 3 items frees [\d.]+ MiB\.$/);
    await expect(sum).toBeVisible();
    const foretold = /frees (.*)\./.exec((await sum.textContent()) ?? '')?.[1];
    const before = await totalBytes(docker);
    await dialog.getByRole('button', { name: 'Delete 3' }).click();
    const done = window.getByRole('dialog', { name: `Freed ${foretold}` });
    await expect(done).toBeVisible();
    expect(formatBytes(before - (await totalBytes(docker)))).toBe(foretold);
    await done.getByRole('button', { name: 'Close' }).first().click();
  });

  await test.step('what is not its own is still there', async () => {
    await expect(window.getByRole('heading', { name: 'No sandboxes' })).toBeVisible();
    await window.getByRole('tab', { name: /^Snapshots/ }).click();
    await expect(window.getByRole('heading', { name: 'No snapshots' })).toBeVisible();
    const images = await docker.listImages();
    expect(images.flatMap(({ RepoTags }) => RepoTags).sort()).toEqual([
      TEST_IMAGE,
      'somebody/else:1',
    ]);
    await goTo(window, 'Activity');
    await expect(window.getByRole('listitem').getByText(/^Done · Freed/)).toBeVisible();
  });
});

/** Bytes of layers, containers' files and volumes. */
async function totalBytes(docker: Docker): Promise<number> {
  const df = await diskUsage(docker);
  const containers = df.Containers as Array<{ SizeRw?: number }>;
  const volumes = (df.Volumes ?? []) as Array<{ UsageData: { Size: number } }>;
  return [
    ...containers.map(({ SizeRw }) => SizeRw ?? 0),
    ...volumes.map(({ UsageData }) => UsageData.Size),
  ].reduce((total, bytes) => total + bytes, df.LayersSize as number);
}

test('older versions are ticked and favourites are not, and numbers remain without Docker', async ({
  own: { daemon, running },
}) => {
  const { window } = running;
  await buildSnapshot(window, 'python');
  await buildSnapshot(window, 'loved');
  await card(window, 'loved').getByRole('button', { name: 'Open loved' }).click();
  const detail = window.getByRole('complementary', { name: 'Details of loved' });
  await detail.getByRole('button', { name: 'Favourite' }).click();
  await goTo(window, 'Disk');
  await expect(usageOf(window)).toBeVisible();
  await window.getByRole('button', { name: 'Reclaim…' }).click();
  const dialog = window.getByRole('dialog', { name: 'Reclaim disk space' });
  await expect(dialog.getByRole('checkbox', { name: 'loved' })).not.toBeChecked();
  await expect(dialog.getByRole('button', { name: 'Delete', exact: true })).toBeDisabled();
  await window.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);

  await daemon.shutDown();
  await expect(window.getByText(/^Last measured/)).toBeVisible();
  await expect(usageOf(window)).toBeVisible();
  await expect(window.getByRole('button', { name: 'Reclaim…' })).toBeDisabled();
  await expect(window.getByRole('button', { name: 'Measure again' })).toBeDisabled();
});
