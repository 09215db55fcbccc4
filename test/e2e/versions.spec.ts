import { expect, test } from './support/fixtures';
import { buildSnapshot, card, choose, goTo, terminal, typeLine } from './support/steps';

test('versions of a name share one card, and each can be viewed and booted', async ({
  running: { window },
}) => {
  await buildSnapshot(window, 'base');
  await buildSnapshot(window, 'base');
  await buildSnapshot(window, 'other');
  await expect(card(window, 'base')).toHaveCount(1);
  await expect(card(window, 'base').getByText('2 versions')).toBeInViewport({ ratio: 1 });
  await expect(card(window, 'other')).not.toContainText('version');

  await card(window, 'base').getByRole('button', { name: 'Open base' }).click();
  const versions = window.getByRole('region', { name: 'Versions' }).getByRole('button');
  await expect(versions).toHaveCount(2);
  await expect(versions.nth(0)).toContainText('newest');
  await expect(versions.nth(0)).toHaveAttribute('aria-current', 'true');
  const [newer = '', older = ''] = (await versions.allTextContents()).map((text) =>
    text.slice(0, 8),
  );
  await versions.nth(1).focus();
  await window.keyboard.press('Enter');
  await expect(versions.nth(1)).toHaveAttribute('aria-current', 'true');
  const detail = window.getByRole('complementary', { name: 'Details of base' });
  await expect(detail).toContainText(`ID${older}`);
  await expect(detail.getByRole('button', { name: 'Boot', exact: true })).toBeEnabled();

  await test.step('in the list too', async () => {
    await window.getByRole('button', { name: 'List', exact: true }).click();
    await expect(card(window, 'base')).toContainText('2 versions');
    await window.getByRole('button', { name: 'Cards' }).click();
  });
  await test.step('counted as everywhere', async () => {
    await window.getByRole('searchbox', { name: 'Filter by name or origin' }).fill('base');
    await expect(window.getByText('2 of 3 snapshots', { exact: true })).toBeVisible();
    await window.keyboard.press('Escape');
  });
  await test.step('told apart where they stand beside each other', async () => {
    await goTo(window, 'Disk');
    const onDisk = window.getByRole('table', { name: 'Snapshots on disk' });
    for (const name of [`base ${newer}`, `base ${older}`, 'other']) {
      await expect(onDisk.getByRole('button', { name, exact: true })).toBeVisible();
    }
    await window.getByRole('button', { name: 'Reclaim…' }).click();
    for (const name of [`base ${newer}`, `base ${older}`, 'other']) {
      await expect(window.getByRole('checkbox', { name, exact: true })).toBeVisible();
    }
    await window.keyboard.press('Escape');
    await choose(window, older);
    await expect(versions.nth(1)).toHaveAttribute('aria-current', 'true');
  });
  await test.step('one is duplicated under another name', async () => {
    await detail.getByRole('button', { name: 'Duplicate…' }).click();
    const dialog = window.getByRole('dialog', { name: `Duplicate base ${older}` });
    await dialog.getByLabel('Name').fill('Kept');
    await expect(dialog.getByRole('button', { name: 'Duplicate' })).toBeDisabled();
    await dialog.getByLabel('Name').fill('kept:v1');
    await dialog.getByLabel('Note').fill('The one that works');
    await window.keyboard.press('Enter');
    await expect(dialog).toBeHidden();
    await expect(card(window, 'kept:v1')).toContainText(' unique');
    await card(window, 'kept:v1').getByRole('button', { name: 'Open kept:v1' }).click();
    await expect(window.getByRole('complementary', { name: 'Details of kept:v1' })).toContainText(
      'The one that works',
    );
  });
  await test.step('by the palette too, and refused where its tag is taken', async () => {
    await choose(window, 'duplicate kept');
    const dialog = window.getByRole('dialog', { name: 'Duplicate kept:v1' });
    await dialog.getByLabel('Name').fill('kept:v1');
    await window.keyboard.press('Enter');
    await expect(dialog).toContainText('A snapshot "kept:v1" already exists.');
    await window.keyboard.press('Escape');
    await choose(window, older);
  });
  await test.step('with one deleted, the card is of the one that is left', async () => {
    await detail.getByRole('button', { name: 'Delete' }).click();
    await window
      .getByRole('dialog', { name: `Delete base ${older}` })
      .getByRole('button', { name: 'Delete snapshot' })
      .click();
    await expect(card(window, 'base')).not.toContainText('version');
  });
});

test('a capture gets a tag, a capacity and labels; a sandbox gets its own', async ({
  running: { window },
}) => {
  await buildSnapshot(window, 'base:v1');
  await card(window, 'base:v1').getByRole('button', { name: 'Options…' }).click();
  const boot = window.getByRole('dialog', { name: 'New sandbox' });
  await boot.getByLabel('Name').fill('box');
  await boot.getByText('Limits, network').click();
  await boot.getByLabel('Labels').fill('stage=draft');
  await boot.getByRole('button', { name: 'Create sandbox' }).click();
  await expect(terminal(window)).toContainText('#');
  await expect(window.getByText('labels: stage: draft')).toBeVisible();
  await window.getByRole('button', { name: 'Capture', exact: true }).click();
  const dialog = window.getByRole('dialog', { name: 'Capture box' });
  await dialog.getByLabel('Name').fill('kept:no tag');
  await expect(dialog).toContainText('A tag must have 1 to 128 letters');
  await dialog.getByLabel('Name').fill('kept:v2');
  await dialog.getByText('Capacity and labels').click();
  await dialog.getByLabel('Capacity (GiB)').fill('0.5');
  await dialog.getByLabel('Labels').fill('no pair');
  await expect(dialog).toContainText('Each line must be NAME=value.');
  await expect(dialog.getByRole('button', { name: 'Capture snapshot' })).toBeDisabled();
  await dialog.getByLabel('Labels').fill('team=research');
  await dialog.getByRole('button', { name: 'Capture snapshot' }).click();
  await card(window, 'kept:v2').getByRole('button', { name: 'Open kept:v2' }).click();
  const detail = window.getByRole('complementary', { name: 'Details of kept:v2' });
  await expect(detail).toContainText('stage: draft');
  await expect(detail).toContainText('Capacity512 MiB');
  await expect(detail).toContainText('team: research');
});

test('a filling disk is notified at 80 and 100 %, on every page', async ({
  running: { window },
}) => {
  await buildSnapshot(window, 'base');
  await goTo(window, 'Snapshots');
  await card(window, 'base').getByRole('button', { name: 'Options…' }).click();
  const dialog = window.getByRole('dialog', { name: 'New sandbox' });
  await dialog.getByLabel('Name').fill('box');
  await dialog.getByText('Limits, network').click();
  await dialog.getByLabel('Capacity (GiB)').fill('0.0625');
  await dialog.getByRole('button', { name: 'Create sandbox' }).click();
  await expect(terminal(window)).toContainText('#');
  await typeLine(terminal(window), 'sleep 2; dd if=/dev/urandom of=/opt/a bs=1M count=55');
  await goTo(window, 'Settings');
  await expect(window.getByText(/The disk is 8\d % full/).first()).toBeVisible();
  await goTo(window, 'Sandboxes');
  await window
    .getByRole('row', { name: 'box' })
    .getByRole('button', { name: 'box', exact: true })
    .click();
  await typeLine(terminal(window), 'dd if=/dev/urandom of=/opt/b bs=1M count=10');
  await expect(
    window.getByText('capture the sandbox with a larger capacity').first(),
  ).toBeVisible();
});
