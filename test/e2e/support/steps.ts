import { expect, type Locator, type Page } from '@playwright/test';
import { TEST_IMAGE } from '../../support/images';

/** Steps of a user in the window, by roles and names. */

type PageName =
  | 'Snapshots'
  | 'Search inside'
  | 'Sandboxes'
  | 'Activity'
  | 'Disk'
  | 'Registries'
  | 'Settings';

export function goTo(window: Page, page: PageName) {
  return window.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: page }).click();
}

/** Opens the palette and focuses its field. */
export async function openPalette(window: Page): Promise<void> {
  await expect(window.getByRole('navigation', { name: 'Main' })).toBeVisible();
  const input = window.getByPlaceholder('Search snapshots, sandboxes and actions');
  // A new window may miss the first keys; pressed twice, they close the palette again.
  await expect(async () => {
    if (!(await input.isVisible())) await window.keyboard.press('Control+k');
    await expect(input).toBeFocused({ timeout: 5000 });
  }).toPass();
}

/** Opens the palette, types words, and runs the first match. */
export async function choose(window: Page, words: string): Promise<void> {
  await openPalette(window);
  await window.keyboard.type(words);
  const [first = ''] = words.split(' ');
  const found = window
    .getByRole('option', { selected: true })
    .filter({ hasText: new RegExp(first, 'i') });
  await expect(found).toBeVisible();
  await window.keyboard.press('Enter');
}

export function card(window: Page, name: string): Locator {
  return window.getByRole('article', { name, exact: true });
}

export function sandboxRow(window: Page, name: string): Locator {
  return window.getByRole('row', { name });
}

export async function buildSnapshot(window: Page, name: string, image = TEST_IMAGE): Promise<void> {
  await goTo(window, 'Snapshots');
  await window.getByRole('button', { name: 'New snapshot' }).first().click();
  const dialog = window.getByRole('dialog', { name: 'New snapshot' });
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByLabel('Image').fill(image);
  await dialog.getByRole('button', { name: 'Create snapshot' }).click();
  await expect(card(window, name).getByRole('button', { name: 'Boot' })).toBeVisible();
}

/** Boots a sandbox with a name; its page opens with a terminal. */
export async function bootSandbox(window: Page, snapshot: string, name: string): Promise<void> {
  await goTo(window, 'Snapshots');
  await card(window, snapshot).getByRole('button', { name: 'Options…' }).click();
  const dialog = window.getByRole('dialog', { name: 'New sandbox' });
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByRole('button', { name: 'Create sandbox' }).click();
  await expect(window.getByRole('heading', { name, exact: true })).toBeVisible();
  await expect(terminal(window)).toContainText('#');
}

export function terminal(window: Page, number = 1): Locator {
  return window.getByRole('region', { name: `Terminal ${number}` });
}

/** Waits until the page has painted the effect of the last keys or scrolling. */
export async function drawn(window: Page): Promise<void> {
  await window.evaluate(
    () =>
      new Promise<void>((resolve) => {
        requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve)));
      }),
  );
}

/** Types a line into a terminal with the keyboard. */
export async function typeLine(shell: Locator, line: string): Promise<void> {
  await shell.getByRole('textbox').focus();
  await shell.page().keyboard.type(`${line}\n`);
}

export async function captureFromPage(
  window: Page,
  name: string,
  options: { timeout?: number } = {},
): Promise<void> {
  await window.getByRole('button', { name: 'Capture', exact: true }).click();
  const dialog = window.getByRole('dialog', { name: /^Capture / });
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByRole('button', { name: 'Capture snapshot' }).click();
  await expect(card(window, name).getByRole('button', { name: 'Boot' })).toBeVisible(options);
}

export async function deleteSandbox(window: Page, name: string): Promise<void> {
  await goTo(window, 'Sandboxes');
  await sandboxRow(window, name).getByRole('button', { name: 'Delete' }).click();
  const dialog = window.getByRole('dialog', { name: `Delete ${name}` });
  await dialog.getByRole('button', { name: 'Delete sandbox' }).click();
  await expect(sandboxRow(window, name)).toHaveCount(0);
}

/** Selects the snapshot to compare with. */
export async function compareWith(window: Page, name: string): Promise<void> {
  const dialog = window.getByRole('dialog', { name: /^Compare / });
  await dialog.getByPlaceholder('Name or origin').fill(name);
  await dialog.getByRole('option', { name }).first().click();
  await expect(dialog).toHaveCount(0);
}

/** Confirms a deletion, and waits until it is done: the cards behind an open dialog have no role. */
export async function confirmDeletion(window: Page): Promise<void> {
  await window.getByRole('button', { name: 'Delete snapshot' }).click();
  await expect(window.getByRole('dialog')).toHaveCount(0);
}
