import type { Page } from '@playwright/test';
import { type RunningApp, startApp } from '../e2e/support/app';
import { expect, test } from '../e2e/support/fixtures';
import { buildSnapshot, goTo } from '../e2e/support/steps';
import { type Dockerd, startDockerd } from '../support/dockerd';
import { importBusybox } from '../support/images';
import { manySnapshots } from '../support/manySnapshots';
import { makeDemoImages } from './demoImages';
import { chooseTheme, resizeToNarrow, resizeToUsual, shoot } from './shoot';

test('no snapshot yet, and the first one', async ({ daemon, running: { window } }) => {
  await makeDemoImages(daemon.host);
  await resizeToUsual(window);
  await chooseTheme(window, 'dark');
  await goTo(window, 'Snapshots');
  await shoot(window, 'gallery-0-dark');
  await buildSnapshot(window, 'python', 'python:3.12-slim');
  await pictures(window);
  await shoot(window, 'gallery-1-dark');
});

for (const count of [40, 10_000]) {
  test.describe(`${count} snapshots`, () => {
    let daemon: Dockerd;
    test.beforeAll(async () => {
      daemon = await startDockerd();
      await importBusybox(daemon.host);
    });
    test.afterAll(() => daemon.stop());

    test('the gallery', async ({ home }) => {
      await manySnapshots(daemon, home, count);
      const app = await startApp({ dockerHost: daemon.host, home });
      await tour(app, count);
      await app.quit();
    });
  });
}

async function tour({ window }: RunningApp, count: number): Promise<void> {
  await resizeToUsual(window);
  const link = window.getByRole('link', { name: 'Snapshots' });
  await expect(link).toContainText(count.toLocaleString('en'), { timeout: 180_000 });
  for (const theme of ['dark', 'light'] as const) {
    await chooseTheme(window, theme);
    await goTo(window, 'Snapshots');
    await pictures(window);
    await shoot(window, `gallery-${count}-${theme}`);
  }
  await chooseTheme(window, 'dark');
  await goTo(window, 'Snapshots');
  await window.getByRole('button', { name: 'List', exact: true }).click();
  await shoot(window, `gallery-${count}-list-dark`);
  await window.getByRole('button', { name: 'Cards' }).click();
  await window.getByRole('button', { name: 'Group by lineage' }).click();
  await pictures(window);
  await shoot(window, `gallery-${count}-grouped-dark`);
  await window.getByRole('button', { name: 'Group by lineage' }).click();
  await window.getByLabel('Filter by name or origin').fill('python');
  await window.getByLabel('Filter by name or origin').press('Enter');
  await window.keyboard.press('Control+a');
  await pictures(window);
  await shoot(window, `gallery-${count}-selected-dark`);
  await window.keyboard.press('Escape');
  await window.getByLabel('Filter by name or origin').fill('');
  await resizeToNarrow(window);
  await pictures(window);
  await shoot(window, `gallery-${count}-narrow`);
}

/** Waits until the snapshots that are in sight have been looked into. */
async function pictures(window: Page): Promise<void> {
  await expect(window.getByRole('article').first()).toBeVisible();
  await expect(window.locator('.picture-placeholder')).toHaveCount(0, { timeout: 180_000 });
}
