import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import Docker from 'dockerode';
import { formatBytes } from '#shared/format';
import { diskUsage } from '../support/diskUsage';
import { startApp } from './support/app';
import { expect, test } from './support/fixtures';
import {
  bootSandbox,
  buildSnapshot,
  captureFromPage,
  card,
  terminal,
  typeLine,
} from './support/steps';

function dockerAt(host: string): Docker {
  return new Docker({ socketPath: host.replace('unix://', '') });
}

/** Objects of this test's app: tests share the daemon. */
async function homeLabel(home: string): Promise<string> {
  return `dev.sandglass.home=${(await readFile(join(home, 'identity'), 'utf8')).trim()}`;
}

/** Names of all cards in reading order. */
function shownNames(window: Page): Promise<string[]> {
  return window
    .getByRole('feed', { name: 'Snapshots' })
    .getByRole('article')
    .evaluateAll((cards) => cards.map((each) => each.getAttribute('aria-label') ?? ''));
}

/** Name of the focused element. */
function focusedName(window: Page): Promise<string | null> {
  return window.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? null);
}

/** Builds three snapshots, and captures one from the first with 3 MB more. */
async function makeFour(window: Page): Promise<void> {
  for (const name of ['alpha', 'beta', 'gamma']) await buildSnapshot(window, name);
  await bootSandbox(window, 'alpha', 'box');
  await typeLine(
    terminal(window),
    'dd if=/dev/urandom of=/opt/big bs=1M count=3; echo wr""itten; sync',
  );
  await expect(terminal(window)).toContainText('written');
  await captureFromPage(window, 'kept');
}

test('the gallery is sorted, filtered, grouped and navigated with the keyboard', async ({
  running: { window },
}) => {
  await makeFour(window);
  const sort = window.getByLabel('Sort');

  await test.step('sort', async () => {
    await expect.poll(() => shownNames(window)).toEqual(['kept', 'gamma', 'beta', 'alpha']);
    await sort.selectOption('Name');
    await expect.poll(() => shownNames(window)).toEqual(['alpha', 'beta', 'gamma', 'kept']);
    await sort.selectOption('Size');
    await expect.poll(async () => (await shownNames(window))[0]).toBe('kept');
    await sort.selectOption('Unique size');
    await expect.poll(async () => (await shownNames(window))[0]).toBe('kept');
    await sort.selectOption('Name');
  });

  await test.step('keys on the wall', async () => {
    await window.keyboard.press('/');
    await expect(window.getByLabel('Filter by name or origin')).toBeFocused();
    await window.keyboard.press('ArrowDown');
    await expect.poll(() => focusedName(window)).toBe('alpha');
    await window.keyboard.press('ArrowRight');
    await window.keyboard.press('ArrowRight');
    await expect.poll(() => focusedName(window)).toBe('gamma');
    await window.keyboard.press('Home');
    await window.keyboard.press('ArrowRight');
    await window.keyboard.press('Enter');
    const detail = window.getByRole('complementary', { name: 'Details of beta' });
    await expect(detail).toBeVisible();
    await expect.poll(() => focusedName(window)).toBe('beta');
    await window.keyboard.press('Escape');
    await expect(detail).toHaveCount(0);
    await window.keyboard.press('f');
    await expect(
      card(window, 'beta').getByRole('button', { name: 'Favourite', pressed: true }),
    ).toBeVisible();
    await sort.selectOption('Favourites first');
    await expect.poll(async () => (await shownNames(window))[0]).toBe('beta');
    await sort.selectOption('Name');
  });

  await test.step('selection by key', async () => {
    const bar = window.getByRole('region', { name: 'Selection' });
    await card(window, 'beta').focus();
    await window.keyboard.press(' ');
    await expect(bar).toContainText('1 snapshot selected');
    await window.keyboard.press('Shift+ArrowRight');
    await expect(bar).toContainText('2 snapshots selected');
    await expect(card(window, 'gamma').getByRole('checkbox')).toBeChecked();
    await window.keyboard.press('Control+a');
    await expect(bar).toContainText('4 snapshots selected');
    await window.keyboard.press('Escape');
    await expect(bar).toHaveCount(0);
  });

  await test.step('filters, as chips', async () => {
    const chips = window.getByRole('list', { name: 'Filters' });
    await window.getByRole('button', { name: 'More filters' }).click();
    await window.getByLabel('Origin', { exact: true }).selectOption('Captured');
    await expect.poll(() => shownNames(window)).toEqual(['kept']);
    await expect(window.getByText('1 of 4 snapshots', { exact: true })).toBeVisible();
    await window.getByRole('button', { name: 'Done' }).click();
    await chips.getByRole('button', { name: 'Remove Captured' }).click();
    await window.getByRole('button', { name: 'More filters' }).click();
    await window.getByLabel('Unused').check();
    await expect.poll(() => shownNames(window)).toEqual(['beta', 'gamma', 'kept']);
    await window.getByLabel('Maximum size').fill('4 MB');
    await expect.poll(() => shownNames(window)).toEqual(['beta', 'gamma']);
    await window.getByLabel('Favourites only').check();
    await window.keyboard.press('Escape');
    await expect.poll(() => shownNames(window)).toEqual(['beta']);
    await expect(chips.getByRole('listitem')).toHaveText([
      'Unused',
      'Favourites',
      'Up to 4.00 MiB',
      'Clear all',
    ]);
    await window.getByLabel('Filter by name or origin').fill('gamma');
    await expect(window.getByRole('heading', { name: 'No matches' })).toBeVisible();
    await chips.getByRole('button', { name: 'Clear all' }).click();
    await expect.poll(() => shownNames(window)).toEqual(['alpha', 'beta', 'gamma', 'kept']);
  });

  await test.step('families are sections, in the list too', async () => {
    await window.getByRole('button', { name: 'Group by lineage' }).click();
    const headings = window.getByRole('feed').getByRole('heading', { level: 2 });
    for (const layout of ['Cards', 'List']) {
      await window.getByRole('button', { name: layout, exact: true }).click();
      await expect(headings.filter({ hasText: /^alpha2$/ })).toBeVisible();
      await expect(headings.filter({ hasText: /^Standalone snapshots2$/ })).toBeVisible();
      await expect.poll(() => shownNames(window)).toEqual(['alpha', 'kept', 'beta', 'gamma']);
    }
    await card(window, 'alpha').focus();
    await window.keyboard.press('ArrowDown');
    await window.keyboard.press('ArrowDown');
    await expect.poll(() => focusedName(window)).toBe('beta');
  });

  await test.step('B boots', async () => {
    await window.keyboard.press('b');
    await expect(window.getByText('From beta')).toBeVisible();
  });
});

test('many snapshots are deleted at once; those in use are kept and named', async ({
  daemon,
  running: { window, home },
}) => {
  await makeFour(window);
  const docker = dockerAt(daemon.host);
  const label = ['dev.sandglass.kind=snapshot', await homeLabel(home)];
  const tags = async () =>
    (await docker.listImages({ filters: { label } }))
      .flatMap(({ RepoTags }) => RepoTags ?? [])
      .map((tag) => /^sandglass\/(\w+):/.exec(tag)?.[1]);
  // A unique file of 3 MB, and some system files that a boot writes.
  await expect(card(window, 'kept')).toContainText(/MiB, 3\.0\d MiB unique/);
  await card(window, 'kept').getByRole('checkbox', { name: 'Select kept' }).check();
  const bar = window.getByRole('region', { name: 'Selection' });
  await expect(bar).toContainText(/1 snapshot selected; deleting it frees 3\.0\d MiB/);
  await card(window, 'gamma').click({ modifiers: ['ControlOrMeta'] });
  await card(window, 'alpha').click({ modifiers: ['Shift'] });
  await expect(bar).toContainText('4 snapshots selected');
  await window.keyboard.press('Delete');
  const dialog = window.getByRole('dialog', { name: 'Delete 3 snapshots' });
  await expect(dialog.getByRole('list', { name: 'To be deleted' })).toHaveText(/kept.*gamma.*beta/);
  await expect(dialog).toContainText('1 snapshot is kept because sandboxes use it:alpha: box');
  const said = await dialog.getByText(/This frees .*\./).textContent();
  const layerBytes = async () => (await diskUsage(docker)).LayersSize;
  const before = await layerBytes();
  await dialog.getByRole('button', { name: 'Delete 3 snapshots' }).click();
  await expect(dialog).toHaveCount(0);
  await expect.poll(() => shownNames(window)).toEqual(['alpha']);
  await expect.poll(tags).toEqual(['alpha']);
  // An image is untagged before its layers are removed.
  const freed = async () => `This frees ${formatBytes(before - (await layerBytes()))}.`;
  await expect.poll(async () => said?.includes(await freed())).toBe(true);
});

test('favourites survive a restart, and can be set without Docker', async ({ daemon, home }) => {
  const first = await startApp({ dockerHost: daemon.host, home });
  await buildSnapshot(first.window, 'starred');
  await buildSnapshot(first.window, 'newer');
  await card(first.window, 'starred').getByRole('button', { name: 'Favourite' }).click();
  await first.window.getByLabel('Sort').selectOption('Favourites first');
  await expect.poll(() => shownNames(first.window)).toEqual(['starred', 'newer']);
  await first.quit();

  const second = await startApp({ dockerHost: daemon.host, home });
  await expect.poll(() => shownNames(second.window)).toEqual(['starred', 'newer']);
  await expect(
    card(second.window, 'starred').getByRole('button', { name: 'Favourite', pressed: true }),
  ).toBeVisible();
  await second.quit();
});

test('note and labels are edited in place and stored in Docker', async ({
  daemon,
  running: { window, home },
}) => {
  await buildSnapshot(window, 'base');
  await card(window, 'base').getByRole('button', { name: 'Open base' }).click();
  const detail = window.getByRole('complementary', { name: 'Details of base' });
  const docker = dockerAt(daemon.host);
  const inDocker = async () => {
    const label = ['dev.sandglass.name=base', await homeLabel(home)];
    const images = await docker.listImages({ filters: { label } });
    const labels = images.find(({ RepoTags }) => RepoTags?.length)?.Labels ?? {};
    return { note: labels['dev.sandglass.note'], labels: labels['dev.sandglass.labels'] };
  };

  await test.step('Escape leaves it as it was', async () => {
    await detail.getByRole('button', { name: 'Edit note' }).click();
    await window.keyboard.type('never kept');
    await window.keyboard.press('Escape');
    await expect(detail.getByRole('button', { name: 'Edit note' })).toBeFocused();
    await expect(detail).not.toContainText('never kept');
  });
  await test.step('Enter saves a note', async () => {
    await window.keyboard.press('Enter');
    await window.keyboard.type('first line');
    await window.keyboard.press('Shift+Enter');
    await window.keyboard.type('second line');
    await window.keyboard.press('Enter');
    await expect(detail.getByText('first line\nsecond line')).toBeVisible();
    await expect.poll(async () => (await inDocker()).note).toBe('first line\nsecond line');
  });
  await test.step('a wrong label is told of; Ctrl+Enter saves', async () => {
    await detail.getByRole('button', { name: 'Edit labels' }).click();
    await window.keyboard.type('no pair');
    await expect(detail).toContainText('Each line must be NAME=value.');
    await expect(detail.getByRole('button', { name: 'Save' })).toBeDisabled();
    await window.keyboard.press('ControlOrMeta+a');
    await window.keyboard.type('team=ml\nstage=draft');
    await window.keyboard.press('Control+Enter');
    await expect(detail).toContainText('team: ml');
    await expect(detail).toContainText('stage: draft');
    await expect
      .poll(async () => JSON.parse((await inDocker()).labels || '{}'))
      .toEqual({ team: 'ml', stage: 'draft' });
  });
  await test.step('and the gallery finds it by them', async () => {
    await window.getByRole('button', { name: 'More filters' }).click();
    await window.getByLabel('Label', { exact: true }).fill('team=web');
    await expect(window.getByRole('heading', { name: 'No matches' })).toBeVisible();
    await window.getByLabel('Label', { exact: true }).fill('team=ml');
    await expect.poll(() => shownNames(window)).toEqual(['base']);
  });
});
