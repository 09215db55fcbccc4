import type { Page } from '@playwright/test';
import { type RunningApp, startApp } from '../e2e/support/app';
import { expect, test } from '../e2e/support/fixtures';
import { buildSnapshot, goTo } from '../e2e/support/steps';
import { type Dockerd, startDockerd } from '../support/dockerd';
import { importBusybox } from '../support/images';
import { manySnapshots } from '../support/manySnapshots';
import { makeDemoImages } from './demoImages';
import { followSystem, resizeToUsual, shoot, shootAll } from './shoot';

test('no snapshot yet, and the first one', async ({ daemon, running: { window } }) => {
  await makeDemoImages(daemon.host);
  await resizeToUsual(window);
  await followSystem(window);
  await goTo(window, 'Snapshots');
  await shootAll(window, 'gallery-0');
  await buildSnapshot(window, 'python', 'python:3.12-slim');
  await shootAll(window, 'gallery-1');
});

for (const [count, tour] of [
  [40, arranged],
  [10_000, selected],
] as const) {
  test.describe(`${count} snapshots`, () => {
    let daemon: Dockerd;
    test.beforeAll(async () => {
      daemon = await startDockerd();
      await importBusybox(daemon.host);
    });
    test.afterAll(() => daemon.stop());

    test('the gallery', async ({ home }) => {
      test.setTimeout(1_200_000);
      await manySnapshots(daemon, home, count);
      const app = await startApp({ dockerHost: daemon.host, home });
      await cards(app, count);
      await tour(app.window, count);
      await app.quit();
    });
  });
}

async function cards({ window }: RunningApp, count: number): Promise<void> {
  await resizeToUsual(window);
  const link = window.getByRole('link', { name: 'Snapshots' });
  await expect(link).toContainText(count.toLocaleString('en'), { timeout: 180_000 });
  await followSystem(window);
  await goTo(window, 'Snapshots');
  await expect(window.getByRole('article').first()).toBeVisible();
  await expect(window.getByRole('article').first()).toContainText(' unique');
  // Thousands take minutes; the gallery shows each as soon as it is indexed.
  if (count < 100) await untilRead(window);
  await shootAll(window, `gallery-${count}`);
}

async function untilRead(window: Page): Promise<void> {
  await expect(window.getByText(/^Indexing \d/)).toHaveCount(0, { timeout: 120_000 });
}

/** The list, and the cards grouped by lineage. */
async function arranged(window: Page, count: number): Promise<void> {
  await window.getByRole('button', { name: 'List', exact: true }).click();
  await shootAll(window, `gallery-${count}-list`);
  await window.getByRole('button', { name: 'Cards' }).click();
  await window.getByRole('button', { name: 'Group by lineage' }).click();
  await shoot(window, `gallery-${count}-grouped-dark`);
}

/** Selects thousands of snapshots. */
async function selected(window: Page, count: number): Promise<void> {
  await window.getByLabel('Filter by name or origin').fill('python');
  await window.getByLabel('Filter by name or origin').press('Enter');
  await window.keyboard.press('Control+a');
  await shoot(window, `gallery-${count}-selected-dark`);
}
