import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Page } from '@playwright/test';
import Docker from 'dockerode';
import tarFs from 'tar-fs';
import { type RunningApp, startApp } from '../e2e/support/app';
import { answerDialogs } from '../e2e/support/dialogs';
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
import { type Dockerd, startDockerd } from '../support/dockerd';
import { layerFolders } from '../support/layerFolders';
import { whileDockerStands } from '../support/standingDocker';
import { makeDemoImages } from './demoImages';
import { makeProject, SERVICE_FOLDER } from './demoProject';
import { followSystem, picturesDrawn, resizeToUsual, shoot, shootAll } from './shoot';

let daemon: Dockerd;
let running: RunningApp;

test.describe.configure({ mode: 'serial' });
test.beforeAll(async () => {
  test.setTimeout(600_000);
  daemon = await startDockerd();
  await makeDemoImages(daemon.host);
  running = await startApp({ dockerHost: daemon.host });
  const { window } = running;
  await resizeToUsual(window);
  await followSystem(window);
  await makeSnapshots(window);
});
test.afterAll(async () => {
  await running?.quit();
  await daemon?.stop();
  if (running) await rm(running.home, { recursive: true, force: true });
});

/** Builds a lineage with sandboxes as leaves, and two unrelated snapshots. */
async function makeSnapshots(window: Page): Promise<void> {
  await buildSnapshot(window, 'debian', 'debian:bookworm');
  await buildSnapshot(window, 'node', 'node:22-bookworm');
  await buildSnapshot(window, 'python', 'python:3.12-slim');
  await bootSandbox(window, 'python', 'setup-box');
  await makeProject(daemon.host, 'setup-box', 'first');
  await captureFromPage(window, 'ml-ready');
  await bootSandbox(window, 'ml-ready', 'experiment-7');
  await makeProject(daemon.host, 'experiment-7', 'tuned');
  await captureFromPage(window, 'ml-tuned');
  await bootSandbox(window, 'ml-tuned', 'experiment-8');
  await typeLine(terminal(window), 'cd /srv/app; mkdir -p /root/.cache/pip models/quantized');
  await typeLine(terminal(window), 'head -c 11M /dev/urandom > models/quantized/int8.bin');
  await typeLine(terminal(window), 'head -c 7M /dev/urandom > /root/.cache/pip/wheels.bin');
  await typeLine(terminal(window), 'cp train.py quantize.py; rm models/baseline.bin; echo do""ne');
  await expect(terminal(window)).toContainText('done');
  await captureFromPage(window, 'ml-quantized');
  await bootSandbox(window, 'ml-tuned', 'experiment-9');
  await bootSandbox(window, 'node', 'api-under-test');
  await goTo(window, 'Sandboxes');
  await sandboxRow(window, 'setup-box').getByRole('button', { name: 'Stop' }).click();
  await expect(sandboxRow(window, 'setup-box')).toContainText('Stopped');
}

function details(window: Page) {
  return window.getByRole('complementary', { name: /^Details of / });
}

async function openTab(window: Page, snapshot: string, tab: string): Promise<void> {
  await goTo(window, 'Snapshots');
  await card(window, snapshot)
    .getByRole('button', { name: `Open ${snapshot}`, exact: true })
    .click();
  await details(window).getByRole('tab', { name: tab }).click();
}

test('the tabs of a snapshot', async () => {
  const { window } = running;
  await openTab(window, 'ml-tuned', 'Overview');
  await describe(window);
  await shootAll(window, 'overview');

  await openTab(window, 'ml-tuned', 'Contents');
  await goToPath(window, '/srv/app/train.py');
  await expect(window.getByRole('region', { name: 'Preview of train.py' })).toContainText('import');
  await shootAll(window, 'contents');

  await openTab(window, 'ml-tuned', 'Changes');
  await window
    .getByRole('tree', { name: 'Files that differ' })
    .getByRole('treeitem')
    .filter({ has: window.locator('[title="/srv/app/train.py"]') })
    .click();
  await expect(window.getByRole('region', { name: 'Text of /srv/app/train.py' })).toBeVisible();
  await shootAll(window, 'changes');
  await window.getByRole('tab', { name: 'Packages' }).click();
  await shootAll(window, 'changes-packages');

  await openTab(window, 'ml-tuned', 'Lineage');
  await expect(window.getByRole('treeitem', { name: /^ml-tuned, / })).toBeVisible();
  await shootAll(window, 'lineage');

  await openTab(window, 'ml-tuned', 'Used by');
  await shootAll(window, 'used-by');
  await window.getByRole('button', { name: 'Close details' }).click();
});

/** Adds a favourite, a note and labels. */
async function describe(window: Page): Promise<void> {
  await details(window).getByRole('button', { name: 'Favourite' }).click();
  await details(window).getByRole('button', { name: 'Edit note' }).click();
  const note = details(window).getByRole('textbox', { name: 'Note' });
  await note.fill('Stops early, with the freshness feature: loss 0.0312 after 87 epochs.');
  await note.press('Enter');
  await expect(note).toBeHidden();
  await details(window).getByRole('button', { name: 'Edit labels' }).click();
  await details(window)
    .getByRole('textbox', { name: 'Labels' })
    .fill('team=ranking\nstage=candidate');
  await details(window).getByRole('button', { name: 'Save' }).click();
  await expect(details(window)).toContainText('stage: candidate');
}

async function goToPath(window: Page, path: string): Promise<void> {
  await details(window).getByRole('grid').focus();
  await window.keyboard.press('/');
  await details(window).getByLabel('Go to path').fill(path);
  await window.keyboard.press('Enter');
}

test('search inside, disk and the capture preview', async () => {
  const { window } = running;
  for (const [name, query] of [
    ['search', 'numpy 2'],
    ['search-path', 'app/config'],
  ] as const) {
    await searchFor(window, query);
    await shootAll(window, name);
  }
  await goTo(window, 'Disk');
  await expect(window.getByRole('region', { name: 'Docker disk usage' })).toBeVisible();
  await expect(window.getByRole('tab', { name: 'Sandboxes 5' })).toBeVisible();
  await expect(window.getByText('Measuring…')).toHaveCount(0);
  await shootAll(window, 'disk');
  await window.getByRole('button', { name: 'Reclaim…' }).click();
  await window.getByRole('checkbox', { name: 'All stopped sandboxes' }).check();
  await window.getByRole('checkbox', { name: 'ml-quantized' }).check();
  await expect(window.getByText(/^Deleting these \d+ items frees [\d.]+ MiB\.$/)).toBeVisible();
  await shootAll(window, 'reclaim');
  await window.keyboard.press('Escape');

  await goTo(window, 'Sandboxes');
  await sandboxRow(window, 'experiment-8').getByRole('button', { name: 'experiment-8' }).click();
  await window.getByRole('button', { name: 'Capture', exact: true }).click();
  const dialog = window.getByRole('dialog', { name: 'Capture experiment-8' });
  await dialog.getByLabel('Name').fill('ml-int8');
  await expect(dialog.getByRole('progressbar', { name: 'Capture preview' })).toHaveCount(0);
  await dialog.getByRole('treeitem', { name: /^\/root\/\.cache/ }).focus();
  await window.keyboard.press('Space');
  await shootAll(window, 'capture');
  await window.keyboard.press('Escape');
});

async function searchFor(window: Page, query: string): Promise<void> {
  await goTo(window, 'Search inside');
  await window.getByRole('searchbox', { name: 'Search inside snapshots' }).fill(query);
  await expect(window.getByRole('search').getByRole('article').first()).toBeVisible();
  await expect(window.getByRole('search').locator('[aria-busy="true"]')).toHaveCount(0);
}

test('a build with its log, and an export', async () => {
  const { window, app } = running;
  await answerDialogs(app, SERVICE_FOLDER);
  await goTo(window, 'Snapshots');
  // The build must not end while the screenshot waits for pictures.
  await picturesDrawn(window);
  await window.getByRole('button', { name: 'New snapshot' }).click();
  const dialog = window.getByRole('dialog', { name: 'New snapshot' });
  await dialog.getByLabel('Name', { exact: true }).fill('ranker');
  await dialog.getByLabel('Source').selectOption('A Dockerfile');
  await dialog.getByRole('button', { name: 'Choose…' }).click();
  await dialog.getByLabel('Build arguments').fill('VERSION=1.4.0');
  await dialog.getByRole('button', { name: 'Create snapshot' }).click();
  await card(window, 'ranker').getByRole('button', { name: 'Log' }).click();
  await expect(window.getByRole('log', { name: 'Log' })).toContainText('test_3_stable');
  for (const colorScheme of ['dark', 'light'] as const) {
    await window.emulateMedia({ colorScheme });
    await shoot(window, `build-log-${colorScheme}`);
  }
  await window.emulateMedia({ colorScheme: 'dark' });
  await window.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  await window.keyboard.press('Escape');
  await expect(card(window, 'ranker')).toHaveCount(0);

  const file = join(tmpdir(), 'ml-tuned.tar');
  await answerDialogs(app, file);
  await openTab(window, 'ml-tuned', 'Overview');
  await window.getByRole('button', { name: 'Export…' }).click();
  await goTo(window, 'Activity');
  await expect(window.getByRole('listitem').first()).toContainText(/[1-9]\d* MiB/);
  await whileDockerStands(daemon, () => shoot(window, 'export-dark'));
  await expect(window.getByRole('progressbar')).toHaveCount(0);
  await rm(file, { force: true });
});

test('Docker goes away', async () => {
  const { window } = running;
  await openTab(window, 'ml-tuned', 'Contents');
  await goToPath(window, '/srv/app/config.yaml');
  await daemon.shutDown();
  await expect(window.getByText('Showing the last known state')).toBeVisible();
  await shootAll(window, 'away-contents');
  await window.getByRole('button', { name: 'Close details' }).click();
  await shootAll(window, 'away-gallery');
  await searchFor(window, 'numpy 2');
  await shootAll(window, 'away-search');
});

test('a snapshot that cannot be read', async () => {
  const { window } = running;
  await daemon.restart();
  await expect(window.getByText('Showing the last known state')).toHaveCount(0);
  const docker = new Docker({ socketPath: daemon.host.replace('unix://', '') });
  const container = await docker.createContainer({ Image: 'debian:bookworm' });
  await container.putArchive(Readable.from(tarFs.pack(SERVICE_FOLDER)), { path: '/srv' });
  await container.commit({ repo: 'team/report', tag: '2' });
  await container.remove();
  await lookInside(window, false);
  await buildSnapshot(window, 'report', 'team/report:2');
  // Damages the layer as a failing disk would.
  const [own = ''] = await layerFolders(docker, 'team/report:2');
  await rm(join(own, '..', 'link'));
  await lookInside(window, true);
  await openTab(window, 'report', 'Contents');
  await expect(window.getByRole('heading', { name: 'Indexing failed' })).toBeVisible();
  await replaceText(window, join(daemon.folder, 'data'), '/var/lib/docker');
  await shootAll(window, 'failed');
});

async function lookInside(window: Page, wanted: boolean): Promise<void> {
  await goTo(window, 'Settings');
  const box = window.getByLabel('Index snapshots in the background');
  await box.click();
  await expect(box).toBeChecked({ checked: wanted });
}

/** Replaces the path of the tests' daemon by Docker's usual one in error messages. */
async function replaceText(window: Page, from: string, to: string): Promise<void> {
  await window.evaluate(
    ([old = '', wanted = '']) => {
      const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      while (texts.nextNode()) {
        const node = texts.currentNode;
        if (node.nodeValue?.includes(old)) node.nodeValue = node.nodeValue.replace(old, wanted);
      }
    },
    [from, to],
  );
}
