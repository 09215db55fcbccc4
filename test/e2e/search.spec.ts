import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import type { Package } from '#shared/contract/contents';
import { lookAtIndex } from '../support/contentsFile';
import { startDockerd } from '../support/dockerd';
import { expectedPackages, filesystemOf } from '../support/expected';
import { importBusybox, TEST_IMAGE } from '../support/images';
import { knownImages } from '../support/knownImages';
import { startApp } from './support/app';
import { expect, test } from './support/fixtures';
import { buildSnapshot, card, choose, confirmDeletion, goTo, openPalette } from './support/steps';

function field(window: Page): Locator {
  return window.getByRole('searchbox', { name: 'Search inside snapshots' });
}

function hits(window: Page): Locator {
  return window.getByRole('search').getByRole('article');
}

/** The sidebar and the page show no indexing. */
async function everythingIsRead(window: Page): Promise<void> {
  await expect(window.getByRole('progressbar', { name: 'Indexing snapshots' })).toHaveCount(0);
  await expect(window.getByText('Not everything can be searched')).toHaveCount(0);
}

/** Waits until the search finds these snapshots. */
async function expectFound(window: Page, names: string[]): Promise<void> {
  await expect
    .poll(() => hits(window).evaluateAll((all) => all.map(({ ariaLabel }) => ariaLabel)))
    .toEqual(expect.arrayContaining(names));
  await expect(hits(window)).toHaveCount(names.length);
}

const textOf = ({ name, version, manager }: Package) => `${name} ${version}${manager}`;

test('files and packages in snapshots are found, with their locations', async ({
  running: { window, home, quit },
  daemon: { host },
}) => {
  test.setTimeout(400_000);
  const images = await knownImages(host);
  await goTo(window, 'Settings');
  const look = window.getByRole('checkbox', { name: /Index snapshots/ });
  await look.click();
  await expect(look).not.toBeChecked();
  await buildSnapshot(window, 'before', images.before);
  await buildSnapshot(window, 'after', images.after);
  const packages = {
    before: await expectedPackages(host, images.before),
    after: await expectedPackages(host, images.after),
  };
  await window.keyboard.press('Control+Shift+F');
  await expect(field(window)).toBeFocused();
  await expect(window.getByText('Find a package or a file')).toBeVisible();
  await readingShowsItself(window, 2);
  await everythingIsRead(window);
  await field(window).focus();

  await test.step('packages with versions, as the package managers tell them', async () => {
    const of = (image: 'before' | 'after', name: string) =>
      packages[image].filter((found) => found.name === name);
    expect(of('after', 'apt-upgraded')).toEqual([
      { manager: 'apt', name: 'apt-upgraded', version: '2.0' },
    ]);
    await window.keyboard.type('pip-upgraded 2.0');
    await expectFound(window, ['after']);
    await field(window).fill('apt-upgraded');
    await expectFound(window, ['before', 'after']);
    for (const name of ['before', 'after'] as const) {
      const list = hits(window)
        .and(window.getByLabel(name, { exact: true }))
        .getByLabel('Packages');
      const [found] = of(name, 'apt-upgraded');
      await expect(list.getByRole('listitem').first()).toHaveText(found ? textOf(found) : '');
      await expect(list.locator('mark').first()).toHaveText('apt-upgraded');
    }
  });

  await test.step('paths, as tar tells them', async () => {
    const paths = (await filesystemOf(host, images.after))
      .map(({ path }) => path)
      .filter((path) => path.includes('added-folder'));
    expect(paths.length).toBeGreaterThan(3);
    await field(window).fill('added-folder');
    await expectFound(window, ['after']);
    const shown = await hits(window).getByLabel('Paths').getByRole('button').allTextContents();
    expect(shown.length).toBeGreaterThan(0);
    expect(paths).toEqual(expect.arrayContaining(shown));
    // Whiteouts, an opaque folder, a link, a hard link: at tar's paths only.
    const of = {
      before: await filesystemOf(host, images.before),
      after: await filesystemOf(host, images.after),
    };
    for (const [query, where] of [
      ['folder-removed/below', ['before']],
      ['again/a.txt', ['before']],
      ['again/d.txt', ['after']],
      ['added-dangling', ['after']],
      ['added-hard-link.txt', ['after']],
      ['removed.txt.kept', ['before', 'after']],
    ] as const) {
      const told = (['before', 'after'] as const).filter((name) =>
        of[name].some(({ path }) => path.includes(query)),
      );
      expect(told).toEqual(where);
      await field(window).fill(query);
      await expectFound(window, [...told]);
    }
  });

  await test.step('by the keyboard to a snapshot and back', async () => {
    await field(window).press('ArrowDown');
    await window.keyboard.press('ArrowDown');
    await window.keyboard.press('ArrowUp');
    await window.keyboard.press('Enter');
    await expect(window.getByRole('complementary', { name: /^Details of / })).toBeVisible();
    await window.keyboard.press('ArrowUp');
    await expect(field(window)).toBeFocused();
  });

  await test.step('a path is shown in its snapshot', async () => {
    await field(window).fill('known/changed.txt');
    await expectFound(window, ['before', 'after']);
    const found = hits(window).and(window.getByLabel('before', { exact: true }));
    await found.getByRole('button', { name: '/srv/known/changed.txt' }).click();
    const details = window.getByRole('complementary', { name: 'Details of before' });
    await expect(details.getByRole('region', { name: 'Preview of changed.txt' })).toContainText(
      'setting 20 = on',
    );
  });

  await test.step('nothing found, and no query', async () => {
    await field(window).fill('no-such-thing-anywhere');
    await expect(window.getByText('No indexed snapshot contains a package')).toBeVisible();
    await window.getByRole('button', { name: 'Clear search' }).click();
    await expect(window.getByText('Find a package or a file')).toBeVisible();
  });

  await test.step('from the palette', async () => {
    await goTo(window, 'Sandboxes');
    await openPalette(window);
    await window.keyboard.type('npm-removed');
    const inside = window.getByRole('option', { name: /^before/ });
    await expect(inside).toContainText('npm-removed 1.0.0');
    await expect(window.getByRole('option', { name: /^after/ })).toHaveCount(0);
    await inside.click();
    await expect(window.getByRole('complementary', { name: 'Details of before' })).toBeVisible();
    await choose(window, 'Search inside snapshots');
    await field(window).fill('from');
    await goTo(window, 'Snapshots');
    await openPalette(window);
    await window.keyboard.type('apt-kept');
    await window.getByRole('option', { name: 'Search inside snapshots for “apt-kept”' }).click();
    await expect(field(window)).toHaveValue('apt-kept');
    await expectFound(window, ['before', 'after']);
  });

  await test.step('a snapshot that is deleted is found no more', async () => {
    expect(lookAtIndex(home).rows.snapshots).toBe(2);
    await goTo(window, 'Snapshots');
    await card(window, 'after').getByRole('button', { name: 'Open after' }).click();
    await window.getByRole('button', { name: 'Delete', exact: true }).click();
    await confirmDeletion(window);
    await expect(card(window, 'after')).toHaveCount(0);
    await goTo(window, 'Search inside');
    await expectFound(window, ['before']);
    await field(window).fill('pip-upgraded 2.0');
    await expect(window.getByText('No indexed snapshot contains a package')).toBeVisible();
    await expect
      .poll(() => lookAtIndex(home))
      .toMatchObject({ rows: { snapshots: 1 }, faults: [] });
  });

  await test.step('what is lost is filled again, in sight', async () => {
    await quit();
    const lost = (await readdir(home)).filter((name) => /^(catalog|contents)\.sqlite/.test(name));
    expect(lost).toEqual(expect.arrayContaining(['catalog.sqlite', 'contents.sqlite']));
    for (const name of lost) await rm(join(home, name));
    // Must be enabled when the watcher runs.
    const settings = join(home, 'settings.json');
    const chosen = JSON.parse(await readFile(settings, 'utf8'));
    await writeFile(settings, JSON.stringify({ ...chosen, lookInside: false }));
    const again = await startApp({ dockerHost: host, home });
    await again.window.keyboard.press('Control+Shift+F');
    await goTo(again.window, 'Search inside');
    await readingShowsItself(again.window, 1);
    await everythingIsRead(again.window);
    await field(again.window).fill('pip-upgraded 1.0');
    await expectFound(again.window, ['before']);
    await field(again.window).fill('again/a.txt');
    await expectFound(again.window, ['before']);
    await again.quit();
  });
});

/** Enables indexing. Returns the progress texts of the page and of the sidebar. */
async function readingShowsItself(window: Page, count: number): Promise<void> {
  const bar = '[role="progressbar"][aria-label="Indexing snapshots"]';
  // Checks each frame from before the start, since the texts are brief.
  const shown = window.waitForFunction(
    ({ said, page, rail }) =>
      new RegExp(said).test(document.querySelector('main')?.textContent ?? '') &&
      document.querySelector(page)?.checkVisibility() &&
      document.querySelector(rail)?.checkVisibility(),
    {
      said: `Indexing \\d of ${count} snapshots… \\w+ · [\\d.]+ \\w+ of [\\d.]+ MiB`,
      page: `main ${bar}`,
      rail: `aside ${bar}`,
    },
  );
  await window.getByRole('button', { name: 'Turn on indexing' }).click();
  await shown;
}

test('the search reports what is not indexed, and works without Docker', async ({ home }) => {
  const daemon = await startDockerd();
  await importBusybox(daemon.host);
  const { window, quit } = await startApp({ dockerHost: daemon.host, home });
  await window.keyboard.press('Control+Shift+F');
  await expect(window.getByText('No snapshots yet')).toBeVisible();
  await buildSnapshot(window, 'base', TEST_IMAGE);
  await window.keyboard.press('Control+Shift+F');
  await field(window).fill('etc/group');
  await expectFound(window, ['base']);
  await goTo(window, 'Settings');
  const look = window.getByRole('checkbox', { name: /Index snapshots/ });
  await look.click();
  await expect(look).not.toBeChecked();
  await buildSnapshot(window, 'unread', TEST_IMAGE);

  await window.keyboard.press('Control+Shift+F');
  await expect(field(window)).toHaveValue('etc/group');
  await expect(field(window)).toBeFocused();
  await window.keyboard.type('etc/passwd');
  await expectFound(window, ['base']);
  await expect(window.getByText('turned off: 1 of 2 snapshots can be searched')).toBeVisible();
  await window.getByRole('button', { name: 'Turn on indexing' }).click();
  await expectFound(window, ['base', 'unread']);

  await daemon.shutDown();
  await expect(window.getByText('Showing the last known state')).toBeVisible();
  await field(window).fill('etc/group');
  await expectFound(window, ['base', 'unread']);
  await expect(hits(window).first().getByRole('button', { name: 'Boot' })).toBeDisabled();
  await quit();
  await daemon.stop();
});
