import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Page } from '@playwright/test';
import { expectedDifferences, expectedPackageDifferences } from '../support/expected';
import { KNOWN_AFTER, KNOWN_BEFORE, KNOWN_FOLDER, knownImages } from '../support/knownImages';
import { expect, test } from './support/fixtures';
import {
  bootSandbox,
  buildSnapshot,
  captureFromPage,
  card,
  choose,
  compareWith,
  confirmDeletion,
  deleteSandbox,
  drawn,
  goTo,
  terminal,
  typeLine,
} from './support/steps';

const exec = promisify(execFile);

function rows(window: Page) {
  return window.getByRole('tree', { name: 'Files that differ' }).getByRole('treeitem');
}

function row(window: Page, path: string) {
  return rows(window).filter({ has: window.locator(`[title="${path}"]`) });
}

async function openChanges(window: Page, name: string): Promise<void> {
  await goTo(window, 'Snapshots');
  await card(window, name)
    .getByRole('button', { name: `Open ${name}` })
    .click();
  await window.getByRole('tab', { name: 'Changes' }).click();
}

test('the differences between two snapshots match tar, Python and the package managers', async ({
  running: { window },
  daemon,
}) => {
  test.setTimeout(600_000);
  await knownImages(daemon.host);
  const expected = await expectedDifferences(daemon.host, KNOWN_BEFORE, KNOWN_AFTER);
  const count = (kind: string) => expected.filter(({ difference }) => difference === kind).length;
  await buildSnapshot(window, 'known-before', KNOWN_BEFORE);
  await buildSnapshot(window, 'known-after', KNOWN_AFTER);

  await test.step('chosen from the palette; in numbers', async () => {
    await choose(window, 'compare known-after');
    await compareWith(window, 'known-before');
    const kinds = window.getByRole('group', { name: 'Kinds of changes' });
    for (const kind of ['added', 'changed', 'removed']) {
      await expect(kinds.getByRole('button', { name: `${count(kind)} ${kind}` })).toBeVisible({
        timeout: 300_000,
      });
    }
  });

  await test.step('all that differs in a folder, and how', async () => {
    const inFolder = expected.filter(({ path }) => path.includes(KNOWN_FOLDER));
    for (const [name, said] of [
      ['mode.sh', 'mode 0644 → 0755'],
      ['setuid.sh', 'mode 0644 → 4755'],
      ['owner.txt', 'owner 0:0 → 1000:1000'],
      ['retargeted', 'target kept.txt → kept.png'],
      ['file-to-folder', 'file → folder'],
    ] as const) {
      await window.getByLabel('Filter by path').fill(`${KNOWN_FOLDER}/${name}`);
      await expect(row(window, `${KNOWN_FOLDER}/${name}`)).toContainText(said);
    }
    await window.getByLabel('Filter by path').fill(KNOWN_FOLDER);
    await expect(row(window, `${KNOWN_FOLDER}/added-dangling`)).toBeVisible();
    const seen = new Map<string, string>();
    const tree = window.getByRole('tree', { name: 'Files that differ' });
    await tree.focus();
    await window.keyboard.press('Home');
    // Scrolled to the end: only visible rows are rendered.
    for (let last = ''; ; ) {
      const shown = await rows(window).evaluateAll((items) =>
        items.map((item) => ({
          path: item.querySelector('[title^="/"]')?.getAttribute('title') ?? '',
          sign: item.querySelector('.change-sign')?.getAttribute('title') ?? '',
        })),
      );
      for (const { path, sign } of shown) if (sign) seen.set(path, sign);
      const at = await tree.getAttribute('aria-activedescendant');
      if (at === last) break;
      last = at ?? '';
      await window.keyboard.press('PageDown');
      await drawn(window);
    }
    const told = new Map(inFolder.map(({ path, difference }) => [path, difference]));
    expect(Object.fromEntries(seen)).toEqual(Object.fromEntries(told));
  });

  await test.step('the text of a file, line by line', async () => {
    await window.getByLabel('Filter by path').fill(`${KNOWN_FOLDER}/changed.txt`);
    await row(window, `${KNOWN_FOLDER}/changed.txt`).click();
    const text = window.getByRole('region', { name: `Text of ${KNOWN_FOLDER}/changed.txt` });
    await expect(text.locator('.removed')).toHaveText(['20-setting 20 = on']);
    await expect(text.locator('.added')).toHaveText(['20+setting 20 = off', '41+setting 41 = on']);
    await window.getByLabel('Filter by path').fill(`${KNOWN_FOLDER}/picture.png`);
    await row(window, `${KNOWN_FOLDER}/picture.png`).click();
    await expect(window.getByText('Binary file:')).toBeVisible();
    await window.keyboard.press('Escape');
    await expect(window.getByRole('region', { name: /^Changes of / })).toHaveCount(0);
  });

  await test.step('one kind, and the other direction', async () => {
    await window.getByLabel('Filter by path').fill(`${KNOWN_FOLDER}/r`);
    await window.getByRole('button', { name: `${count('removed')} removed` }).click();
    await expect(row(window, `${KNOWN_FOLDER}/removed.txt`)).toBeVisible();
    await expect(row(window, `${KNOWN_FOLDER}/retargeted`)).toHaveCount(0);
    await window.getByRole('button', { name: 'Swap direction' }).click();
    await expect(window.getByRole('button', { name: `${count('removed')} added` })).toBeVisible();
    await window.getByRole('button', { name: 'Swap direction' }).click();
  });

  await test.step('packages', async () => {
    await window.getByRole('tab', { name: 'Packages' }).click();
    const packages = await expectedPackageDifferences(daemon.host, KNOWN_BEFORE, KNOWN_AFTER);
    const section = window.getByRole('region', { name: 'Packages that differ' });
    await expect(window.getByRole('tree', { name: 'Files that differ' })).toBeHidden();
    await expect(section.getByRole('row').filter({ has: window.getByRole('cell') })).toHaveCount(
      packages.length,
    );
    await expect(section.getByRole('row', { name: /apt-upgraded/ })).toHaveText(
      '↑upgradedapt-upgraded1.0 →to 2.0',
    );
    await expect(section.getByRole('row', { name: /apt-removed/ })).toContainText('removed');
    await expect(section.getByRole('row', { name: /pip-added/ })).toContainText('added');
  });
});

test('a capture of 100,000 files can be compared with its parent and browsed', async ({
  running: { window },
  daemon,
}) => {
  test.setTimeout(600_000);
  await buildSnapshot(window, 'base');
  // A unique name: earlier specs have left others on the shared daemon.
  await bootSandbox(window, 'base', 'crowd');
  await typeLine(
    terminal(window),
    'mkdir -p /many/flat; cd /many; for d in $(seq 100); do mkdir $d; (cd $d; seq 500 | xargs touch); done; cd flat; seq 50000 | xargs touch; echo last >zebra; echo hi >/etc/motd; echo all-$((1 + 1))-made',
  );
  await expect(terminal(window)).toContainText('all-2-made', { timeout: 300_000 });
  // Docker's own result; the product reads an export.
  const made = await addedPaths(daemon.host, 'crowd');
  const below = made.filter((path) => path.startsWith('/many/'));
  expect(below.length).toBeGreaterThan(100_000);
  await captureFromPage(window, 'many', { timeout: 300_000 });

  await test.step('so many files are one row until it is opened, and all are in reach', async () => {
    await openChanges(window, 'many');
    await expect(row(window, '/many')).toBeVisible({ timeout: 300_000 });
    await expect(row(window, '/many')).toHaveAttribute('aria-expanded', 'false');
    await expect(row(window, '/many')).toContainText(`${below.length.toLocaleString('en')} added`);
    const tree = window.getByRole('tree', { name: 'Files that differ' });
    await tree.focus();
    await window.keyboard.press('End');
    await window.keyboard.press('ArrowRight');
    await expect(row(window, '/many')).toHaveAttribute('aria-expanded', 'true');
    await window.keyboard.press('End');
    await expect(row(window, '/many/flat')).toHaveAttribute('aria-selected', 'true');
    await window.keyboard.press('ArrowRight');
    await expect(row(window, '/many/flat')).toHaveAttribute('aria-expanded', 'true');
    await window.keyboard.press('End');
    await expect(row(window, '/many/flat/zebra')).toHaveAttribute('aria-selected', 'true');
    await window.keyboard.press('Enter');
    const text = window.getByRole('region', { name: 'Text of /many/flat/zebra' });
    await expect(text.locator('.added')).toHaveText(['1+last']);
    await window.keyboard.press('Escape');
    await window.keyboard.press('ArrowLeft');
    await expect(row(window, '/many/flat')).toHaveAttribute('aria-selected', 'true');
  });

  await test.step('scrolled to the end, and back', async () => {
    const tree = window.getByRole('tree', { name: 'Files that differ' });
    await tree.evaluate((scroller) => scroller.scrollTo(0, scroller.scrollHeight));
    await expect(row(window, '/many/flat/zebra')).toBeVisible();
    await tree.evaluate((scroller) => scroller.scrollTo(0, scroller.scrollHeight / 2));
    const inFlat = rows(window).filter({ has: window.locator('[title^="/many/flat/"]') });
    await expect.poll(() => inFlat.count()).toBeGreaterThan(5);
    await tree.evaluate((scroller) => scroller.scrollTo(0, 0));
    await expect(row(window, '/etc')).toBeVisible();
  });

  await test.step('a filter finds one of them', async () => {
    await window.getByLabel('Filter by path').fill('/many/flat/4999');
    const expected = made.filter((path) => path.includes('/many/flat/4999'));
    expect(expected).toHaveLength(11);
    for (const path of expected) await expect(row(window, path)).toBeVisible();
    await expect(row(window, '/many/flat/5000')).toHaveCount(0);
    await row(window, '/many/flat/49991').click();
    await expect(window.getByRole('region', { name: 'Changes of /many/flat/49991' })).toContainText(
      'The file is empty.',
    );
  });

  await test.step('a folder with fifty thousand entries is walked, sorted and narrowed', async () => {
    const details = window.getByRole('complementary', { name: 'Details of many' });
    await details.getByRole('tab', { name: 'Contents' }).click();
    const grid = details.getByRole('grid');
    await grid.focus();
    await window.keyboard.press('/');
    await details.getByLabel('Go to path').fill('/many/flat');
    await window.keyboard.press('Enter');
    await expect(grid).toHaveAttribute('aria-rowcount', '50002');
    await expect(details.getByText('50,001 entries')).toBeVisible();
    const selected = grid.locator('tr[aria-selected="true"]');
    const names = below
      .filter((path) => path.startsWith('/many/flat/'))
      .map((path) => path.slice('/many/flat/'.length))
      .sort();
    await grid.focus();
    await window.keyboard.press('End');
    await expect(selected).toHaveAccessibleName(names.at(-1) ?? '');
    await expect(details.getByRole('region', { name: 'Preview of zebra' })).toContainText('last');
    await window.keyboard.press('Home');
    await expect(selected).toHaveAccessibleName(names[0] ?? '');
    await window.keyboard.type('4999');
    await expect(selected).toHaveAccessibleName('4999');
    // The only file with contents is the largest.
    await grid.getByRole('button', { name: 'Size' }).click();
    await grid.focus();
    await window.keyboard.press('Home');
    await expect(selected).toHaveAccessibleName('zebra');
    await details.getByLabel('Only added or changed').check();
    await expect(details.getByText('50,001 of 50,001 entries')).toBeVisible();
    expect(await grid.locator('tbody [data-index]').count()).toBeLessThan(200);
  });

  await test.step('two selected ones', async () => {
    await window.getByRole('button', { name: 'Close details' }).click();
    for (const name of ['base', 'many']) {
      await card(window, name).getByRole('checkbox').check();
    }
    await window
      .getByRole('region', { name: 'Selection' })
      .getByRole('button', { name: 'Compare' })
      .click();
    await expect(window.getByRole('complementary', { name: 'Details of many' })).toBeVisible();
    await expect(row(window, '/etc/motd')).toBeVisible();
  });

  await test.step('what was built from an image has no parent', async () => {
    await openChanges(window, 'base');
    await expect(window.getByText('No snapshot to compare with')).toBeVisible();
    await window.getByRole('button', { name: 'Choose a snapshot…' }).click();
    await compareWith(window, 'many');
    await expect(window.getByRole('button', { name: /100,\d\d\d removed/ })).toBeVisible();
  });
});

test('a capture can be compared with any other after its parent is deleted', async ({
  running: { window },
}) => {
  await buildSnapshot(window, 'base');
  await bootSandbox(window, 'base', 'brief');
  await typeLine(terminal(window), 'echo hi >/opt/hello; echo wr""itten');
  await expect(terminal(window)).toContainText('written');
  await captureFromPage(window, 'child');
  await buildSnapshot(window, 'other');
  await deleteSandbox(window, 'brief');
  await goTo(window, 'Snapshots');
  await card(window, 'base').getByRole('button', { name: 'Open base' }).click();
  const base = window.getByRole('complementary', { name: 'Details of base' });
  await base.getByRole('button', { name: 'Delete' }).click();
  await confirmDeletion(window);
  await expect(card(window, 'base')).toHaveCount(0);

  await openChanges(window, 'child');
  await expect(window.getByText('The snapshot it was captured from was deleted.')).toBeVisible();
  await window.getByRole('button', { name: 'Choose a snapshot…' }).click();
  // Built from the same image as the parent.
  await compareWith(window, 'other');
  await expect(row(window, '/opt/hello')).toBeVisible();
  await expect(rows(window).filter({ has: window.locator('.change-sign.added') })).toHaveCount(1);
});

/** Additions in a sandbox according to `docker diff`, without those of every boot. */
async function addedPaths(host: string, name: string): Promise<string[]> {
  const docker = ['-H', host];
  const ids = await exec('docker', [...docker, 'ps', '-q', '--filter', `name=sandglass-${name}`]);
  const { stdout } = await exec('docker', [...docker, 'diff', ids.stdout.trim()], {
    maxBuffer: 2 ** 26,
  });
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('A '))
    .map((line) => line.slice(2));
}
