import { expect, test } from './support/fixtures';
import {
  bootSandbox,
  buildSnapshot,
  captureFromPage,
  choose,
  deleteSandbox,
  goTo,
  sandboxRow,
  terminal,
  typeLine,
} from './support/steps';

test('build, boot, work, stop, start, capture, boot the capture, find the files', async ({
  running: { window },
}) => {
  await expect(window.getByText('No snapshots yet')).toBeVisible();
  await buildSnapshot(window, 'base');
  await bootSandbox(window, 'base', 'setup-box');

  await test.step('work in its terminal', async () => {
    await typeLine(terminal(window), 'echo "model: gpt-5" > /opt/config.yaml');
    await typeLine(terminal(window), 'echo hello-again > /tmp/state.txt; echo wrot""e');
    await expect(terminal(window)).toContainText('wrote');
  });

  await test.step('stop and start: /tmp is kept', async () => {
    await window.getByRole('button', { name: 'Stop', exact: true }).click();
    await expect(window.getByRole('heading', { name: 'Stopped' })).toBeVisible();
    await expect(terminal(window)).toContainText('The shell exited');
    await window.getByRole('button', { name: 'Start sandbox' }).click();
    await terminal(window).getByRole('button', { name: 'Open a new terminal' }).click();
    await typeLine(terminal(window, 2), 'cat /tmp/state.txt');
    await expect(terminal(window, 2)).toContainText('hello-again');
  });

  await test.step('capture it and delete it', async () => {
    await captureFromPage(window, 'ml-ready');
    await deleteSandbox(window, 'setup-box');
  });

  await test.step('boot the capture by name, and find the files', async () => {
    await choose(window, 'new sandbox');
    const dialog = window.getByRole('dialog', { name: 'New sandbox' });
    await dialog.getByLabel('Snapshot').selectOption('ml-ready');
    await dialog.getByLabel('Name').fill('second-box');
    await dialog.getByRole('button', { name: 'Create sandbox' }).click();
    await expect(terminal(window)).toContainText('#');
    await typeLine(terminal(window), 'cat /opt/config.yaml; ls -A /tmp | wc -l | sed s/^/files:/');
    await expect(terminal(window)).toContainText('model: gpt-5');
    await expect(terminal(window)).toContainText('files:0');
  });

  await goTo(window, 'Sandboxes');
  await expect(sandboxRow(window, 'second-box')).toContainText('Running');
});
