import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import Docker from 'dockerode';
import { contentsOf } from '../support/dockerContents';
import { whileDockerStands } from '../support/standingDocker';
import { expect, test } from './support/fixtures';
import { bootSandbox, buildSnapshot, card, goTo, terminal, typeLine } from './support/steps';

const exec = promisify(execFile);

test('the capture dialog lists what it keeps, and omits what is not ticked', async ({
  running: { window },
  daemon,
}) => {
  await buildSnapshot(window, 'base');
  await bootSandbox(window, 'base', 'box');
  const shell = terminal(window);
  await typeLine(shell, 'mkdir -p /root/.cache/pip /opt/app; rm /usr/bin/who');
  await typeLine(shell, 'dd if=/dev/zero of=/root/.cache/pip/wheel bs=1k count=3000 2>/dev/null');
  await typeLine(shell, 'dd if=/dev/zero of=/opt/app/model bs=1k count=1000 2>/dev/null');
  await typeLine(shell, 'head -c 2000 /dev/zero >/tmp/scratch');
  await typeLine(
    shell,
    'echo secret > /opt/app/key; sleep 9999 & until pidof sleep; do :; done; echo wrot""e',
  );
  await expect(shell).toContainText('wrote');

  await window.getByRole('button', { name: 'Capture', exact: true }).click();
  const dialog = window.getByRole('dialog', { name: 'Capture box' });
  const tree = dialog.getByRole('tree', { name: 'Kept files' });
  const row = (name: string) => tree.getByRole('treeitem', { name });
  const size = dialog.getByRole('status', { name: 'Estimated size' });

  await test.step('it tells what is kept, the largest first, and what is not', async () => {
    await expect(row('/root/.cache, new, 2.93 MiB')).toBeVisible();
    await expect(row('/usr/bin')).toBeVisible();
    const left = dialog.getByRole('region', { name: 'Left out' });
    await expect(left.getByRole('listitem').filter({ hasText: '/tmp' })).toContainText('1.95 KiB');
    await expect(left).toContainText('sleep');
    await expect(left).toContainText('1 terminal');
    await expect(size).toContainText('3.91 MiB new');
  });

  await test.step('ticks by keyboard, and the sum follows', async () => {
    await row('/root/.cache').focus();
    await window.keyboard.press('Space');
    await expect(row('/root/.cache')).toHaveAttribute('aria-checked', 'false');
    await expect(size).toContainText('0.98 MiB new');
    await window.keyboard.press('ArrowRight');
    await window.keyboard.press('ArrowRight');
    await expect(row('pip, new')).toBeFocused();
    await expect(row('pip, new')).toHaveAttribute('aria-disabled', 'true');
    await window.keyboard.press('Space');
    await expect(row('pip, new')).toHaveAttribute('aria-checked', 'false');
    await row('/opt/app').focus();
    await window.keyboard.press('ArrowRight');
    await window.keyboard.press('ArrowRight');
    await window.keyboard.press('ArrowDown');
    await expect(row('key, new')).toBeFocused();
    await window.keyboard.press('Space');
    await expect(row('/opt/app')).toHaveAttribute('aria-checked', 'mixed');
    await expect(dialog.getByRole('region', { name: 'Left out' })).toContainText('2 paths');
  });

  await test.step('what is left out is not in the capture, and still in the sandbox', async () => {
    await dialog.getByLabel('Name').fill('clean');
    await dialog.getByRole('button', { name: 'Capture snapshot' }).click();
    await expect(card(window, 'clean').getByRole('button', { name: 'Boot' })).toBeVisible();
    await bootSandbox(window, 'clean', 'next');
    await typeLine(terminal(window), 'find /root/.cache /opt/app /tmp | sed s/^/-/; echo do""ne');
    await expect(terminal(window)).toContainText('done');
    await expect(terminal(window)).toContainText('-/opt/app/model');
    await expect(terminal(window)).not.toContainText('-/opt/app/key');
    await expect(terminal(window)).not.toContainText('-/root/.cache');
    await expect(terminal(window)).not.toContainText('-/tmp/scratch');
    const env = { ...process.env, DOCKER_HOST: daemon.host };
    const { stdout } = await exec('docker', ['ps', '-q', '--filter', 'name=sandglass-box'], {
      env,
    });
    const cat = ['exec', stdout.trim(), 'cat', '/opt/app/key'];
    expect((await exec('docker', cat, { env })).stdout).toBe('secret\n');
  });
});

test('the preview can be stopped or skipped; a sandbox without changes says so', async ({
  running: { window },
  daemon,
}) => {
  await buildSnapshot(window, 'base');
  await bootSandbox(window, 'base', 'fresh');
  const capture = window.getByRole('button', { name: 'Capture', exact: true });
  const dialog = window.getByRole('dialog', { name: 'Capture fresh' });
  await capture.click();
  await expect(dialog).toContainText('No file has changed since the sandbox booted from base');
  await window.keyboard.press('Escape');
  await typeLine(terminal(window), 'dd if=/dev/zero of=/opt/big bs=1M count=50 2>/dev/null');
  await typeLine(terminal(window), 'echo wrot""e');
  await expect(terminal(window)).toContainText('wrote');

  await test.step('stopped, and looked at again', async () => {
    await whileDockerStands(daemon, async () => {
      await capture.click();
      await expect(dialog).toContainText('Reading changes');
      await dialog.getByRole('button', { name: 'Stop' }).click();
      await expect(dialog).toContainText('The preview was stopped');
    });
    await dialog.getByRole('button', { name: 'Retry preview' }).click();
    await expect(dialog.getByRole('treeitem', { name: 'big, new' })).toBeVisible();
    await window.keyboard.press('Escape');
  });

  await test.step('captured without waiting for it', async () => {
    await whileDockerStands(daemon, async () => {
      await capture.click();
      await dialog.getByLabel('Name').fill('at-once');
      await dialog.getByRole('button', { name: 'Capture snapshot' }).click();
      await expect(dialog).toHaveCount(0);
    });
    await expect(card(window, 'at-once').getByRole('button', { name: 'Boot' })).toBeVisible();
  });

  await test.step('a capture with something left out can be cancelled on its card', async () => {
    await goTo(window, 'Sandboxes');
    await window.getByRole('button', { name: 'fresh' }).click();
    await capture.click();
    await dialog.getByRole('treeitem', { name: 'big, new' }).focus();
    await window.keyboard.press('Space');
    await dialog.getByLabel('Name').fill('never');
    const docker = new Docker({ socketPath: daemon.host.replace('unix://', '') });
    const all = async () => Object.values(await contentsOf(docker)).flat();
    const before = new Set(await all());
    await whileDockerStands(daemon, async () => {
      await dialog.getByRole('button', { name: 'Capture snapshot' }).click();
      await card(window, 'never').getByRole('button', { name: 'Cancel' }).click();
    });
    await expect(card(window, 'never')).toHaveCount(0);
    await expect.poll(async () => (await all()).filter((name) => !before.has(name))).toEqual([]);
  });
});
