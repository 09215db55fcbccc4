import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import Docker from 'dockerode';
import { diskUsage } from '../support/diskUsage';
import { commitFiller, TEST_IMAGE } from '../support/images';
import { whileDockerStands } from '../support/standingDocker';
import { answerDialogs } from './support/dialogs';
import { test as base, expect } from './support/fixtures';
import {
  bootSandbox,
  buildSnapshot,
  card,
  confirmDeletion,
  goTo,
  terminal,
  typeLine,
} from './support/steps';

/** Adds a folder for files, removed after the test. */
const test = base.extend<{ folder: string }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's needs from its pattern
  folder: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'sandglass-exchange-'));
    await use(folder);
    await rm(folder, { recursive: true });
  },
});

/** All cards, those of earlier specs included. */
async function containers(host: string): Promise<string[]> {
  const docker = new Docker({ socketPath: host.replace('unix://', '') });
  return (await docker.listContainers({ all: true })).map(({ Id }) => Id);
}

/** Checks each frame for a brief text. */
async function isUnderWay(window: Page, pattern: string): Promise<void> {
  await window.waitForFunction(
    (source) => new RegExp(source).test(document.body.innerText),
    pattern,
  );
}

async function startBuild(window: Page, folder: string, name: string, run: string): Promise<void> {
  await writeFile(join(folder, 'Dockerfile'), `FROM ${TEST_IMAGE}\nRUN ${run}\n`);
  await goTo(window, 'Snapshots');
  await window.getByRole('button', { name: 'New snapshot' }).first().click();
  const dialog = window.getByRole('dialog', { name: 'New snapshot' });
  await dialog.getByLabel('Name', { exact: true }).fill(name);
  await dialog.getByLabel('Source').selectOption('A Dockerfile');
  await dialog.getByLabel('Context folder').fill(folder);
  await dialog.getByRole('button', { name: 'Create snapshot' }).click();
}

test('the log of a running build is one click from its card, and Cancel leaves nothing behind', async ({
  running: { window },
  daemon,
  folder,
}) => {
  const before = await containers(daemon.host);
  await startBuild(window, folder, 'endless', 'while sleep 1; do echo tick; done');
  await card(window, 'endless').getByRole('button', { name: 'Log' }).click();
  const dialog = window.getByRole('dialog', { name: 'Build snapshot endless' });
  const log = dialog.getByRole('log', { name: 'Log' });
  await expect(log).toContainText('tick\ntick\ntick');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(dialog.getByRole('status')).toHaveText('Cancelled');
  await dialog.getByRole('button', { name: 'Close' }).first().click();
  await expect(card(window, 'endless')).toHaveCount(0);
  const ours = async () => (await containers(daemon.host)).filter((id) => !before.includes(id));
  await expect.poll(ours).toEqual([]);
});

test('the log of a failed build is one click away too', async ({ running: { window }, folder }) => {
  await startBuild(window, folder, 'broken', 'echo the-reason; exit 3');
  await window.getByRole('button', { name: 'Show log' }).click();
  const dialog = window.getByRole('dialog', { name: 'Build snapshot broken' });
  await expect(dialog.getByRole('log', { name: 'Log' })).toContainText('the-reason');
  await expect(dialog.getByRole('alert')).toContainText('The build failed');
});

test('an export and an import show progress, can be cancelled, and leave nothing behind then', async ({
  running: { window, app, home },
  daemon,
  folder,
}) => {
  const docker = new Docker({ socketPath: daemon.host.replace('unix://', '') });
  await commitFiller(docker, 'filler', 200);
  await buildSnapshot(window, 'filled', 'filler:1');
  const file = join(folder, 'filled.tar');
  await answerDialogs(app, file);
  const startExport = async () => {
    await goTo(window, 'Snapshots');
    await card(window, 'filled').getByRole('button', { name: 'Open filled' }).click();
    const detail = window.getByRole('complementary', { name: 'Details of filled' });
    await detail.getByRole('button', { name: 'Export…' }).click();
    await expect(detail.getByRole('progressbar', { name: 'Export filled' })).toBeVisible();
    await goTo(window, 'Activity');
  };
  const operations = window.getByRole('list', { name: 'Operations' });
  const newest = operations.getByRole('listitem').first();

  await test.step('an export', async () => {
    await startExport();
    await isUnderWay(window, 'MiB of 20\\d MiB');
    await whileDockerStands(daemon, async () => {
      await newest.getByRole('button', { name: 'Cancel' }).click();
    });
    await expect(newest).toContainText('Cancelled');
    expect(await readdir(folder)).toEqual([]);

    await startExport();
    await expect(newest).toContainText(/ of 20\d MiB/);
    await expect(newest).toContainText(`in ${file}`);
    expect(await readdir(folder)).toEqual(['filled.tar']);
  });

  const startImport = async () => {
    await goTo(window, 'Snapshots');
    await window.getByRole('button', { name: 'New snapshot' }).first().click();
    const dialog = window.getByRole('dialog', { name: 'New snapshot' });
    await dialog.getByLabel('Source').selectOption('A file');
    await dialog.getByRole('button', { name: 'Choose…' }).click();
    await dialog.getByLabel('Name', { exact: true }).fill('arrived');
    await dialog.getByRole('button', { name: 'Create snapshot' }).click();
  };
  const arrived = card(window, 'arrived');
  const look = async () => ({
    containers: await containers(daemon.host),
    images: (await docker.listImages({ all: true })).map(({ Id }) => Id).sort(),
    bytes: (await diskUsage(docker)).LayersSize,
    files: await readdir(folder),
    home: await readdir(home),
  });
  /** Retries: a list may fail just after the removal of an image. */
  const whatIsThere = async () => await look().catch(() => look());

  await test.step('an import that is cancelled on its card', async () => {
    // Its layers must be loaded again.
    await goTo(window, 'Snapshots');
    const details = window.getByRole('complementary', { name: 'Details of filled' });
    await details.getByRole('button', { name: 'Delete' }).click();
    await confirmDeletion(window);
    await expect(card(window, 'filled')).toHaveCount(0);
    await docker.getImage('filler:1').remove();
    const before = await whatIsThere();
    await startImport();
    await isUnderWay(window, 'Loading into Docker · [\\d.]+ MiB of 20\\d MiB');
    await whileDockerStands(daemon, async () => {
      await arrived.getByRole('button', { name: 'Cancel' }).click();
    });
    await expect(arrived).toHaveCount(0);
    await goTo(window, 'Activity');
    await expect(newest).toContainText('Import snapshot arrived');
    await expect(newest).toContainText('Cancelled');
    expect(await whatIsThere()).toEqual(before);
  });

  await test.step('an import to its end', async () => {
    await startImport();
    await expect(arrived.getByRole('button', { name: 'Boot' })).toBeVisible();
    await bootSandbox(window, 'arrived', 'box');
    await typeLine(terminal(window), 'wc -c /opt/big');
    await expect(terminal(window)).toContainText('209715200 /opt/big');
  });
});
