import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { expectedListing, filesystemOf } from '../support/expected';
import { KNOWN_AFTER, KNOWN_FOLDER, knownImages } from '../support/knownImages';
import { answerDialogs } from './support/dialogs';
import { expect, test } from './support/fixtures';
import { buildSnapshot, card, drawn, goTo } from './support/steps';

const details = (window: Page) => window.getByRole('complementary', { name: 'Details of known' });
const grid = (window: Page) => details(window).getByRole('grid');
const row = (window: Page, name: string) => grid(window).getByRole('row', { name, exact: true });
const preview = (window: Page, name: string) =>
  details(window).getByRole('region', { name: `Preview of ${name}`, exact: true });

async function goToPath(window: Page, path: string): Promise<void> {
  await grid(window).focus();
  await window.keyboard.press('/');
  await details(window).getByLabel('Go to path').fill(path);
  await window.keyboard.press('Enter');
}

/** Reads all rows, although only visible ones are rendered. */
async function allNames(window: Page): Promise<string[]> {
  const count = Number(await grid(window).getAttribute('aria-rowcount')) - 1;
  const names = new Map<number, string>();
  await grid(window).focus();
  await window.keyboard.press('Home');
  for (let tries = 0; names.size < count && tries < 200; tries += 1) {
    const shown = await grid(window)
      .locator('tbody [data-index]')
      .evaluateAll((rows) =>
        rows.map((found) => [Number(found.getAttribute('data-index')), found.ariaLabel] as const),
      );
    for (const [index, name] of shown) names.set(index, name ?? '');
    await window.keyboard.press('PageDown');
    await drawn(window);
  }
  return [...names].sort(([a], [b]) => a - b).map(([, name]) => name);
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

test('a snapshot can be browsed without booting it', async ({
  running: { window, app, home },
  daemon,
}) => {
  test.setTimeout(300_000);
  await knownImages(daemon.host);
  const folder = await mkdtemp(join(tmpdir(), 'sandglass-saved-'));
  const file = async (name: string) =>
    (await filesystemOf(daemon.host, KNOWN_AFTER)).find(
      ({ path }) => path === `${KNOWN_FOLDER}/${name}`,
    );

  await test.step('off in the settings, and switched on where it is missing', async () => {
    await goTo(window, 'Settings');
    const lookInside = window.getByLabel('Index snapshots in the background');
    await lookInside.click();
    await expect(lookInside).not.toBeChecked();
    await buildSnapshot(window, 'known', KNOWN_AFTER);
    await card(window, 'known').getByRole('button', { name: 'Open known' }).click();
    await details(window).getByRole('tab', { name: 'Contents' }).click();
    await details(window).getByRole('button', { name: 'Turn on indexing' }).click();
    await expect(row(window, 'srv')).toBeVisible({ timeout: 120_000 });
  });

  await test.step('a path that is typed, and a folder as an export has it', async () => {
    await goToPath(window, KNOWN_FOLDER);
    await expect(grid(window)).toHaveAccessibleName(`Contents of ${KNOWN_FOLDER}`);
    const expected = await expectedListing(daemon.host, KNOWN_AFTER, KNOWN_FOLDER);
    expect(await allNames(window)).toEqual(expected.map(({ name }) => name));
    await expect(row(window, 'setuid.sh')).toContainText('rwsr-xr-x');
    await expect(row(window, 'owner.txt')).toContainText('1000:1000');
  });

  await test.step('the keys go through it', async () => {
    const selected = grid(window).locator('tr[aria-selected="true"]');
    await window.keyboard.type('nam');
    await expect(selected).toHaveAccessibleName('names');
    await window.keyboard.press('Enter');
    await expect(grid(window)).toHaveAccessibleName(`Contents of ${KNOWN_FOLDER}/names`);
    await expect(row(window, 'new\\nline.txt')).toBeVisible();
    await window.keyboard.press('End');
    await expect(selected).toHaveAccessibleName('with spaces.txt');
    await window.keyboard.press('Backspace');
    await expect(selected).toHaveAccessibleName('names');
    await window.keyboard.press('ArrowLeft');
    await expect(selected).toHaveAccessibleName('known');
    await window.keyboard.press('ArrowRight');
    await expect(grid(window)).toHaveAccessibleName(`Contents of ${KNOWN_FOLDER}`);
  });

  await test.step('text, an image, a link and a program', async () => {
    await row(window, 'changed.txt').click();
    const text = preview(window, 'changed.txt').locator('pre');
    await expect(text).toContainText('setting 20 = off');
    expect(sha256(Buffer.from((await text.textContent()) ?? ''))).toBe(
      (await file('changed.txt'))?.sha256,
    );
    await row(window, 'empty.txt').click();
    await expect(preview(window, 'empty.txt')).toContainText('This file is empty.');
    await goToPath(window, `${KNOWN_FOLDER}/picture.png`);
    const image = preview(window, 'picture.png').getByRole('img', { name: 'File preview' });
    await expect(image).toBeVisible();
    await expect
      .poll(() => image.evaluate((found) => (found as HTMLImageElement).naturalWidth))
      .toBeGreaterThan(0);
    const bytes = Buffer.from((await image.getAttribute('src'))?.split(',')[1] ?? '', 'base64');
    expect(sha256(bytes)).toBe((await file('picture.png'))?.sha256);
    await goToPath(window, `${KNOWN_FOLDER}/added-dangling`);
    await expect(preview(window, 'added-dangling')).toContainText('The target does not exist.');
    // Both are behind a link: /bin is usr/bin.
    await goToPath(window, '/bin/bash');
    await expect(grid(window)).toHaveAccessibleName('Contents of /usr/bin');
    await expect(preview(window, 'bash')).toContainText('Binary data');
  });

  await test.step('a path that is not there', async () => {
    await goToPath(window, '/nowhere');
    await expect(details(window).getByRole('alert')).toContainText('/nowhere does not exist.');
    await window.keyboard.press('Escape');
  });

  await test.step('by size, the largest first', async () => {
    await goToPath(window, '/');
    await grid(window).getByRole('button', { name: 'Size' }).click();
    const expected = await expectedListing(daemon.host, KNOWN_AFTER, '/');
    const [largest] = expected.sort((a, b) => b.sizeBytes - a.sizeBytes);
    await expect(grid(window).locator('tbody [data-index="0"]')).toHaveAccessibleName(
      largest?.name ?? '',
    );
  });

  await test.step('a file is saved', async () => {
    await answerDialogs(app, folder);
    await goToPath(window, `${KNOWN_FOLDER}/names/größe-大小.txt`);
    await preview(window, 'größe-大小.txt').getByRole('button', { name: 'Save…' }).click();
    await expect(
      window.getByText(`Saved as ${folder}/größe-大小.txt`, { exact: true }),
    ).toBeVisible();
    expect(sha256(await readFile(join(folder, 'größe-大小.txt')))).toBe(
      (await file('names/größe-大小.txt'))?.sha256,
    );
  });

  await test.step('a file is dragged out, as a real file', async () => {
    // The system handles the drag from here on.
    await app.evaluate(({ webContents }) => {
      const dragged: string[] = [];
      Object.assign(globalThis, { dragged });
      for (const contents of webContents.getAllWebContents()) {
        contents.startDrag = ({ file: path }) => void dragged.push(path);
      }
    });
    await goToPath(window, `${KNOWN_FOLDER}/changed.txt`);
    await expect(preview(window, 'changed.txt').locator('pre')).toBeVisible();
    await drag(window, row(window, 'changed.txt'));
    const dragged = () =>
      app.evaluate(() => (globalThis as unknown as { dragged: string[] }).dragged);
    await expect.poll(async () => (await dragged()).length).toBe(1);
    await window.mouse.up();
    const [path = ''] = await dragged();
    expect(path.startsWith(join(home, 'drag'))).toBe(true);
    expect(path.endsWith('/changed.txt')).toBe(true);
    expect(sha256(await readFile(path))).toBe((await file('changed.txt'))?.sha256);
  });
  await rm(folder, { recursive: true });
});

test('temporary files of a drag are removed when the app ends', async ({ running }) => {
  const { window, app, home, quit } = running;
  // The copy is ready while the button is held: no system handles the drag here.
  await app.evaluate(({ webContents }) => {
    for (const contents of webContents.getAllWebContents()) contents.startDrag = () => {};
  });
  await buildSnapshot(window, 'known');
  await card(window, 'known').getByRole('button', { name: 'Open known' }).click();
  await details(window).getByRole('tab', { name: 'Contents' }).click();
  await expect(row(window, 'etc')).toBeVisible();
  await drag(window, row(window, 'etc'));
  await window.mouse.up();
  const out = () => readdir(join(home, 'drag')).catch(() => []);
  await expect.poll(async () => (await out()).length).toBe(1);
  await quit();
  expect(await readdir(home)).not.toContain('drag');
});

/** Presses the mouse button on an element and moves, without releasing it. */
async function drag(window: Page, what: Locator): Promise<void> {
  const box = await what.boundingBox();
  if (!box) throw new Error('It is not there.');
  await window.mouse.move(box.x + 40, box.y + box.height / 2);
  await window.mouse.down();
  await window.mouse.move(box.x + 60, box.y + box.height / 2 + 20, { steps: 5 });
}
