import type { Locator, Page } from '@playwright/test';
import type { RunningApp } from './support/app';
import { expect, test } from './support/fixtures';
import { bootSandbox, buildSnapshot, card, terminal, typeLine } from './support/steps';

/** Entries of the palette, in order. */
function listed(window: Page): Promise<string[]> {
  return window.getByRole('option').allInnerTexts();
}

test('the palette lists the best matches first, whatever was typed before', async ({
  running: { window },
}) => {
  // Newest first: ml-tuned, html, ml.
  for (const name of ['ml', 'html', 'ml-tuned']) await buildSnapshot(window, name);
  const snapshots = window
    .getByRole('group', { name: 'Snapshots', exact: true })
    .getByRole('option');
  await window.keyboard.press('Control+k');
  const input = window.getByPlaceholder('Search snapshots, sandboxes and actions');
  await expect(snapshots).toHaveText(['ml-tuned', 'html', 'ml']);
  const atFirst = await listed(window);

  for (const before of ['', 'l', 'go to', 'no-such-thing']) {
    await test.step(`after “${before}”`, async () => {
      await input.fill(before);
      await input.fill('ml');
      // A whole word, then a prefix, then an infix.
      await expect(snapshots).toHaveText(['ml', 'ml-tuned', 'html']);
      await expect(window.getByRole('option', { selected: true })).toHaveText('ml');
      await input.fill('');
      await expect.poll(() => listed(window)).toEqual(atFirst);
    });
  }
  await test.step('the group of the best match comes first', async () => {
    await input.fill('settings');
    await expect(window.getByRole('option', { selected: true })).toHaveText('Go to Settings');
    await input.fill('html');
    await expect(window.getByRole('option', { selected: true })).toHaveText('html');
    await window.keyboard.press('Enter');
    await expect(window.getByRole('complementary', { name: 'Details of html' })).toBeVisible();
  });
});

test('closing a dialog or menu restores the focus', async ({ running: { window } }) => {
  for (const name of ['first', 'second', 'third']) await buildSnapshot(window, name);
  const second = card(window, 'second');
  const dialog = window.getByRole('dialog');
  await second.focus();
  for (const key of ['Control+k', 'Delete']) {
    await test.step(key, async () => {
      await window.keyboard.press(key);
      await expect(dialog).toBeVisible();
      await window.keyboard.press('Escape');
      await expect(second).toBeFocused();
    });
  }
  await test.step('a dialog that the palette opened', async () => {
    await window.keyboard.press('Control+k');
    await window.keyboard.type('new snapshot');
    await window.keyboard.press('Enter');
    await expect(dialog.getByLabel('Image')).toBeFocused();
    await window.keyboard.press('Escape');
    await expect(second).toBeFocused();
  });
  await test.step('details', async () => {
    const details = window.getByRole('complementary', { name: 'Details of second' });
    await window.keyboard.press('Enter');
    await details.getByRole('tab', { name: 'Used by' }).click();
    await window.keyboard.press('Escape');
    await expect(details).toHaveCount(0);
    await expect(second).toBeFocused();
  });
  await test.step('a comparison that the lineage begins', async () => {
    const tree = window.getByRole('tree', { name: /^Lineage/ });
    await window.keyboard.press('Enter');
    const details = window.getByRole('complementary', { name: 'Details of second' });
    await details.getByRole('tab', { name: 'Lineage' }).click();
    await tree.getByRole('treeitem', { name: /^second/ }).focus();
    await window.keyboard.press('ArrowDown');
    await window.keyboard.press('c');
    await expect(details.getByRole('tab', { name: 'Changes' })).toBeFocused();
    await window.keyboard.press('Escape');
    await expect(second).toBeFocused();
  });
  await test.step('a card that is sorted to elsewhere, and one that is deleted', async () => {
    await window.getByLabel('Sort').selectOption('Favourites first');
    await second.focus();
    await window.keyboard.press('f');
    await expect(second).toHaveAttribute('aria-posinset', '1');
    await expect(second).toBeFocused();
    await window.keyboard.press('Delete');
    await dialog.getByRole('button', { name: 'Delete snapshot' }).click();
    await expect(second).toHaveCount(0);
    await expect(card(window, 'third')).toBeFocused();
  });
});

test('a long dialog keeps its buttons visible in a small window', async ({
  running: { app, window },
}) => {
  await resize(app, 720, 500);
  await buildSnapshot(window, 'base');
  await test.step('boot with options', async () => {
    await card(window, 'base').getByRole('button', { name: 'Options…' }).click();
    const dialog = window.getByRole('dialog', { name: 'New sandbox' });
    for (const more of await dialog.locator('summary').all()) await more.click();
    await buttonsStayInSight(dialog, ['Cancel', 'Create sandbox']);
    await window.keyboard.press('Escape');
  });
  await test.step('the capture preview', async () => {
    await bootSandbox(window, 'base', 'box');
    await typeLine(
      terminal(window),
      'for i in 1 2 3 4 5 6 7 8 9; do mkdir /opt/$i; seq 9000 >/opt/$i/n; done; echo wrot""e',
    );
    await expect(terminal(window)).toContainText('wrote');
    await window.getByRole('button', { name: 'Capture', exact: true }).click();
    const dialog = window.getByRole('dialog', { name: 'Capture box' });
    await expect(dialog.getByRole('treeitem').first()).toBeVisible();
    await buttonsStayInSight(dialog, ['Cancel', 'Capture snapshot']);
  });
});

async function resize(app: RunningApp['app'], width: number, height: number): Promise<void> {
  await app.evaluate(
    ({ BrowserWindow }, size) =>
      BrowserWindow.getAllWindows()[0]?.setContentSize(size.width, size.height),
    { width, height },
  );
}

/** Checks the buttons at the top and the end of the form, and at each field that Tab reaches. */
async function buttonsStayInSight(dialog: Locator, names: string[]): Promise<void> {
  await expect
    .poll(() => dialog.evaluate((element) => element.scrollHeight > element.clientHeight))
    .toBe(true);
  const expectInSight = async () => {
    for (const name of names) {
      const button = dialog.getByRole('button', { name, exact: true });
      await expect(button).toBeInViewport({ ratio: 1 });
      // Nothing covers it.
      expect(
        await button.evaluate((element) => {
          const { left, top, width, height } = element.getBoundingClientRect();
          const hit = document.elementFromPoint(left + width / 2, top + height / 2);
          return element.contains(hit);
        }),
      ).toBe(true);
    }
  };
  for (const part of [0, 0.5, 1]) {
    await dialog.evaluate((element, at) => {
      element.scrollTop = at * element.scrollHeight;
    }, part);
    await expectInSight();
  }
  const fields = dialog.locator('input:visible, select:visible, textarea:visible');
  for (const field of await fields.all()) {
    await field.focus();
    await expectInSight();
    const covered = await field.evaluate((element) => {
      const { bottom } = element.getBoundingClientRect();
      const actions = element.closest('[role="dialog"]')?.querySelector('footer');
      return actions ? bottom > actions.getBoundingClientRect().top : true;
    });
    expect(covered).toBe(false);
  }
}
