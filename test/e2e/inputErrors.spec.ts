import { startSilentServer } from '../support/silentServer';
import { expect, test } from './support/fixtures';
import { bootSandbox, buildSnapshot, card, goTo } from './support/steps';

test('each input error has its own message, and leaves nothing behind', async ({
  running: { window },
}) => {
  await buildSnapshot(window, 'base');
  await bootSandbox(window, 'base', 'taken');

  await test.step('an image that cannot be reached', async () => {
    await goTo(window, 'Snapshots');
    await window.getByRole('button', { name: 'New snapshot' }).click();
    const dialog = window.getByRole('dialog', { name: 'New snapshot' });
    await dialog.getByLabel('Name').fill('broken');
    await dialog.getByLabel('Image').fill('127.0.0.1:1/none/none:1');
    await dialog.getByRole('button', { name: 'Create snapshot' }).click();
    await expect(window.getByText('Build snapshot broken failed')).toBeVisible();
    await expect(card(window, 'broken')).toHaveCount(0);
    await goTo(window, 'Activity');
    await expect(window.getByRole('alert').first()).toContainText('the registry cannot be reached');
    await expect(window.getByRole('alert').first()).toContainText('Check the network');
  });

  await test.step('an odd name', async () => {
    await goTo(window, 'Snapshots');
    await window.getByRole('button', { name: 'New snapshot' }).click();
    const dialog = window.getByRole('dialog', { name: 'New snapshot' });
    await dialog.getByLabel('Name').fill('Not A Name');
    await expect(dialog.getByText('Use lowercase letters and digits')).toBeVisible();
    await expect(dialog.getByRole('button', { name: 'Create snapshot' })).toBeDisabled();
    await window.keyboard.press('Escape');
    await expect(dialog).toBeHidden();
  });

  await test.step('a name that is taken', async () => {
    await card(window, 'base').getByRole('button', { name: 'Options…' }).click();
    const dialog = window.getByRole('dialog', { name: 'New sandbox' });
    await dialog.getByLabel('Name').fill('taken');
    await dialog.getByRole('button', { name: 'Create sandbox' }).click();
    await expect(dialog.getByRole('alert')).toContainText(
      'There is a sandbox named "taken" already.',
    );
    await dialog.getByRole('button', { name: 'Cancel' }).click();
  });

  await test.step('a snapshot that is in use', async () => {
    await window.getByRole('button', { name: 'Open base' }).click();
    const details = window.getByRole('complementary', { name: 'Details of base' });
    await details.getByRole('tab', { name: 'Used by 1' }).click();
    const users = details.getByRole('list', { name: 'Used by' });
    await expect(users.getByRole('listitem')).toHaveText(['takenRunning']);
    await users.getByRole('button', { name: 'taken' }).click();
    await expect(window.getByRole('heading', { name: 'taken' })).toBeVisible();
    await goTo(window, 'Snapshots');
    await details.getByRole('button', { name: 'Delete' }).click();
    const dialog = window.getByRole('dialog', { name: 'Delete base' });
    await expect(dialog.getByRole('button', { name: 'taken' })).toBeVisible();
    await expect(dialog.getByRole('button', { name: 'Delete snapshot' })).toBeDisabled();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
  });
});

test('a hanging pull is visible and can be cancelled', async ({ running: { window } }) => {
  const silent = await startSilentServer();
  await window.getByRole('button', { name: 'New snapshot' }).first().click();
  const dialog = window.getByRole('dialog', { name: 'New snapshot' });
  await dialog.getByLabel('Name').fill('slow');
  await dialog.getByLabel('Image').fill(`${silent.address}/slow/image:1`);
  await dialog.getByRole('button', { name: 'Create snapshot' }).click();
  await expect(card(window, 'slow').getByRole('progressbar')).toBeVisible();
  await expect(card(window, 'slow')).toContainText('Pulling');
  await card(window, 'slow').getByRole('button', { name: 'Cancel' }).click();
  await expect(card(window, 'slow')).toHaveCount(0);
  await goTo(window, 'Activity');
  await expect(window.getByRole('listitem').first()).toContainText('Cancelled');
  silent.close();
});
