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
  goTo,
  terminal,
  typeLine,
} from './support/steps';

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

/** Chooses what the open snapshot is compared with. */
async function compareWith(window: Page, name: string): Promise<void> {
  const dialog = window.getByRole('dialog', { name: /^Compare / });
  await dialog.getByPlaceholder('Name or origin').fill(name);
  await dialog.getByRole('option', { name }).first().click();
  await expect(dialog).toHaveCount(0);
}

test('what differs between two snapshots, as tar, Python and the package managers tell it', async ({
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
    // Walked to the end: only rows in sight are in the page.
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
    await expect(window.getByText('This is no text:')).toBeVisible();
    await window.keyboard.press('Escape');
    await expect(window.getByRole('region', { name: /^Changes of / })).toHaveCount(0);
  });

  await test.step('one kind, and the other direction', async () => {
    await window.getByLabel('Filter by path').fill(`${KNOWN_FOLDER}/r`);
    await window.getByRole('button', { name: `${count('removed')} removed` }).click();
    await expect(row(window, `${KNOWN_FOLDER}/removed.txt`)).toBeVisible();
    await expect(row(window, `${KNOWN_FOLDER}/retargeted`)).toHaveCount(0);
    await window.getByRole('button', { name: 'Swap the direction' }).click();
    await expect(window.getByRole('button', { name: `${count('removed')} added` })).toBeVisible();
    await window.getByRole('button', { name: 'Swap the direction' }).click();
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

test('a capture is compared with its parent; what two of a selection differ in; many files', async ({
  running: { window },
}) => {
  test.setTimeout(600_000);
  await buildSnapshot(window, 'base');
  await bootSandbox(window, 'base', 'box');
  await typeLine(
    terminal(window),
    'mkdir /many; cd /many; for d in $(seq 40); do mkdir $d; (cd $d; seq 500 | xargs touch); done; echo hi >/etc/motd; echo all-$((1 + 1))-made',
  );
  await expect(terminal(window)).toContainText('all-2-made', { timeout: 300_000 });
  await captureFromPage(window, 'many');

  await test.step('a folder with twenty thousand files is one row until it is opened', async () => {
    await openChanges(window, 'many');
    await expect(row(window, '/many')).toBeVisible({ timeout: 300_000 });
    await expect(row(window, '/many')).toHaveAttribute('aria-expanded', 'false');
    await expect(row(window, '/many')).toContainText('20,040 added');
    const tree = window.getByRole('tree', { name: 'Files that differ' });
    await tree.focus();
    await window.keyboard.press('End');
    await window.keyboard.press('ArrowRight');
    await expect(row(window, '/many')).toHaveAttribute('aria-expanded', 'true');
    await window.keyboard.press('End');
    await expect(row(window, '/many/9')).toHaveAttribute('aria-selected', 'true');
    await window.keyboard.press('ArrowRight');
    await expect(row(window, '/many/9')).toHaveAttribute('aria-expanded', 'true');
    await window.keyboard.press('End');
    await expect(row(window, '/many/9/99')).toHaveAttribute('aria-selected', 'true');
    await window.keyboard.press('ArrowLeft');
    await expect(row(window, '/many/9')).toHaveAttribute('aria-selected', 'true');
    await window.getByLabel('Filter by path').fill('/many/7/123');
    await expect(row(window, '/many/7/123')).toBeVisible();
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

  await test.step('the parent is deleted', async () => {
    await openChanges(window, 'base');
    await expect(window.getByText('Compared with what?')).toBeVisible();
    await window.getByRole('button', { name: 'Choose a snapshot…' }).click();
    await compareWith(window, 'many');
    await expect(window.getByRole('button', { name: /20,0\d\d removed/ })).toBeVisible();
  });
});
