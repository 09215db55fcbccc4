import { expectedDifferences, expectedPackageDifferences } from '../support/expected';
import { TEST_IMAGE } from '../support/images';
import { KNOWN_AFTER, KNOWN_BEFORE, knownImages } from '../support/knownImages';
import { expect, test } from './support/fixtures';
import { buildSnapshot, card } from './support/steps';

/** Uses only visible, labelled controls: no knowledge of menus, keys or settings. */
test('a new user finds the changes between two snapshots, and the snapshots with a package', async ({
  daemon,
  running: { window },
}) => {
  test.setTimeout(300_000);
  await knownImages(daemon.host);
  // For a local image its name is sufficient.
  await window.getByRole('button', { name: 'New snapshot' }).first().click();
  const dialog = window.getByRole('dialog', { name: 'New snapshot' });
  await expect(dialog.getByLabel('Image')).toBeFocused();
  await expect(dialog.locator(`datalist option[value="${TEST_IMAGE}"]`)).toHaveCount(1);
  await window.keyboard.type(TEST_IMAGE);
  await window.keyboard.press('Enter');
  await expect(card(window, 'busybox').getByRole('button', { name: 'Boot' })).toBeVisible();

  await buildSnapshot(window, 'monday', KNOWN_BEFORE);
  await buildSnapshot(window, 'friday', KNOWN_AFTER);

  await card(window, 'friday').click();
  const details = window.getByRole('complementary', { name: 'Details of friday' });
  await details.getByRole('tab', { name: 'Changes' }).click();
  await details.getByRole('button', { name: 'Choose a snapshot…' }).click();
  await window.getByRole('option', { name: /monday/ }).click();

  const files = await expectedDifferences(daemon.host, KNOWN_BEFORE, KNOWN_AFTER);
  const tree = details.getByRole('tree');
  await expect(tree).toBeVisible({ timeout: 120_000 });
  const summary = details.getByRole('status').filter({ hasText: 'Files' });
  for (const kind of ['added', 'changed', 'removed'] as const) {
    const count = files.filter(({ difference }) => difference === kind).length;
    await expect(summary).toContainText(`${count} ${kind}`);
  }

  const packages = await expectedPackageDifferences(daemon.host, KNOWN_BEFORE, KNOWN_AFTER);
  await details.getByRole('tab', { name: /^Packages/ }).click();
  for (const { name } of packages) {
    await expect(details.getByRole('cell', { name, exact: true })).toBeVisible();
  }

  // The nearest field finds no package, and links to the one that does.
  await details.getByRole('button', { name: 'Close details' }).click();
  await window.getByLabel('Filter by name or origin').fill('pip-added');
  await window.getByRole('button', { name: 'Search inside snapshots' }).click();
  await expect(window.getByLabel('Search inside snapshots')).toHaveValue('pip-added');
  await expect(window.getByRole('article', { name: 'friday' })).toContainText('pip-added');
  await expect(window.getByRole('article', { name: 'monday' })).toHaveCount(0);

  await window.getByLabel('Search inside snapshots').fill('apt-kept 1.0');
  await expect(window.getByRole('article', { name: 'friday' })).toContainText('apt-kept');
  await expect(window.getByRole('article', { name: 'monday' })).toContainText('apt-kept');
});
