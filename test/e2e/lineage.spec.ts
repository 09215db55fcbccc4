import type { Page } from '@playwright/test';
import Docker from 'dockerode';
import { TEST_IMAGE } from '../support/images';
import { expect, test } from './support/fixtures';
import {
  bootSandbox,
  buildSnapshot,
  captureFromPage,
  card,
  confirmDeletion,
  deleteSandbox,
  goTo,
} from './support/steps';

const label = (name: string) => `dev.sandglass.${name}`;

function dockerAt(host: string): Docker {
  return new Docker({ socketPath: host.replace('unix://', '') });
}

/** Labels of the newest image of a snapshot's name. */
async function labelsOf(host: string, name: string): Promise<Record<string, string>> {
  const images = await dockerAt(host).listImages({
    filters: { label: [`${label('kind')}=snapshot`, `${label('name')}=${name}`] },
  });
  const [newest] = images.sort((a, b) => b.Created - a.Created);
  return newest?.Labels ?? {};
}

/**
 * The tree below the test's image or below a deleted snapshot, from labels in Docker alone: a line for each
 * node with its level and name, as a tree view tells them.
 */
async function treeInDocker(host: string, root: string): Promise<string[]> {
  const docker = dockerAt(host);
  // Homes of other tests are on this daemon too.
  const home = `${label('home')}=${(await labelsOf(host, 'leaf'))[label('home')]}`;
  const images = await docker.listImages({
    filters: { label: [`${label('kind')}=snapshot`, home] },
  });
  const containers = await docker.listContainers({
    all: true,
    filters: { label: [`${label('kind')}=sandbox`, home] },
  });
  const labels = images.map((image) => image.Labels);
  const below = (parent: string, level: number): string[] => [
    ...containers
      .filter(({ Labels }) => Labels[label('snapshot-id')] === parent)
      .map(({ Labels, State }) => {
        const state = State === 'running' ? 'Running' : 'Stopped';
        return `${level} ${Labels[label('name')]}, sandbox, ${state}`;
      }),
    ...labels
      .filter((own) => (own[label('parent-snapshot-id')] || own[label('image')]) === parent)
      .flatMap((own) => [
        `${level} ${own[label('name')]}, snapshot`,
        ...below(own[label('id')] ?? '', level + 1),
      ]),
  ];
  return below(root, 2).sort();
}

function nodes(window: Page) {
  return window.getByRole('tree', { name: 'Lineage' }).getByRole('treeitem');
}

async function treeInWindow(window: Page): Promise<string[]> {
  const all = await nodes(window).evaluateAll((items) =>
    items.map((item) => `${item.ariaLevel} ${item.ariaLabel}`),
  );
  return all.sort();
}

async function openLineage(window: Page, name: string): Promise<void> {
  await goTo(window, 'Snapshots');
  await card(window, name)
    .getByRole('button', { name: `Open ${name}` })
    .click();
  await window.getByRole('tab', { name: 'Lineage' }).click();
}

function focused(window: Page) {
  return window.locator('[role="treeitem"]:focus');
}

test('the lineage is the tree of the images in Docker, navigated with the keyboard', async ({
  running: { window },
  daemon,
}) => {
  await buildSnapshot(window, 'base');
  await bootSandbox(window, 'base', 'first-box');
  await captureFromPage(window, 'mid');
  await bootSandbox(window, 'mid', 'second-box');
  await captureFromPage(window, 'leaf');
  await bootSandbox(window, 'leaf', 'third-box');

  await test.step('snapshots, captures and sandboxes', async () => {
    await openLineage(window, 'mid');
    const expected = [`1 ${TEST_IMAGE}, image`, ...(await treeInDocker(daemon.host, TEST_IMAGE))];
    expect(expected).toHaveLength(7);
    await expect.poll(() => treeInWindow(window)).toEqual(expected);
    await expect(nodes(window).and(window.locator('[aria-current="true"]'))).toHaveAccessibleName(
      'mid, snapshot',
    );
  });

  await test.step('a walk by the keys', async () => {
    await expect(async () => {
      await window.keyboard.press('Tab');
      await expect(focused(window)).toHaveCount(1, { timeout: 500 });
    }).toPass();
    for (const [key, name] of [
      ['Home', `${TEST_IMAGE}, image`],
      ['ArrowRight', 'base, snapshot'],
      ['ArrowDown', 'first-box, sandbox, Running'],
      ['ArrowDown', 'mid, snapshot'],
      ['ArrowRight', 'second-box, sandbox, Running'],
      ['ArrowLeft', 'mid, snapshot'],
      ['End', 'third-box, sandbox, Running'],
      ['ArrowUp', 'leaf, snapshot'],
    ] as const) {
      await window.keyboard.press(key);
      await expect(focused(window)).toHaveAccessibleName(name);
    }
    await window.keyboard.press('Enter');
    await expect(window.getByRole('complementary', { name: 'Details of leaf' })).toBeVisible();
    await expect(focused(window)).toHaveAccessibleName('leaf, snapshot');
    await expect(focused(window)).toHaveAttribute('aria-current', 'true');
  });

  await test.step('where little fits, what is seen leads up to the root, and there is a sign of more', async () => {
    const whole = (name: string) =>
      expect(nodes(window).and(window.getByLabel(name, { exact: true }))).toBeInViewport({
        ratio: 1,
      });
    const edge = (name: string) => window.locator(`.lineage-edge.${name}`);
    const openNarrow = async (name: string) => {
      await window.setViewportSize({ width: 1280, height: 800 });
      await openLineage(window, name);
      await window.setViewportSize({ width: 720, height: 640 });
    };
    await openNarrow('mid');
    for (const name of [`${TEST_IMAGE}, image`, 'base, snapshot', 'mid, snapshot']) {
      await whole(name);
    }
    await expect(edge('left')).toHaveCount(0);
    await edge('right').click();
    await whole('third-box, sandbox, Running');
    await expect(edge('right')).toHaveCount(0);
    await expect(edge('left')).toBeVisible();

    await openNarrow('leaf');
    const around = ['base, snapshot', 'mid, snapshot', 'leaf, snapshot'];
    for (const name of around) await whole(name);
    await nodes(window).and(window.getByLabel('leaf, snapshot')).focus();
    await window.keyboard.press('ArrowLeft');
    for (const name of around) await whole(name);
    await window.keyboard.press('Home');
    for (const name of [`${TEST_IMAGE}, image`, 'base, snapshot']) await whole(name);
    await window.keyboard.press('End');
    for (const name of ['leaf, snapshot', 'third-box, sandbox, Running']) await whole(name);
    await window.setViewportSize({ width: 1280, height: 800 });
    await openLineage(window, 'leaf');
    await expect(nodes(window).and(window.locator('[aria-current="true"]'))).toHaveAccessibleName(
      'leaf, snapshot',
    );
    await nodes(window).and(window.getByLabel('leaf, snapshot')).focus();
  });

  await test.step('a sandbox is opened, a snapshot booted', async () => {
    await window.keyboard.press('ArrowRight');
    await expect(focused(window)).toHaveAccessibleName('third-box, sandbox, Running');
    await window.keyboard.press('Enter');
    await expect(window.getByRole('heading', { name: 'third-box' })).toBeVisible();
    await goTo(window, 'Snapshots');
    await nodes(window).filter({ hasText: 'first-box' }).click();
    await expect(window.getByRole('heading', { name: 'first-box' })).toBeVisible();
    await goTo(window, 'Snapshots');
    await nodes(window).and(window.getByLabel('base, snapshot')).click();
    await expect(focused(window)).toHaveAccessibleName('base, snapshot');
    await nodes(window).and(window.getByLabel('leaf, snapshot')).hover();
    await window.getByRole('button', { name: 'Compare with leaf' }).click();
    await expect(window.getByRole('tab', { name: 'Changes' })).toHaveAttribute(
      'aria-selected',
      'true',
    );
    await window.getByRole('tab', { name: 'Lineage' }).click();
    await nodes(window).and(window.getByLabel('base, snapshot')).focus();
    await window.keyboard.press('b');
    await expect(window.getByRole('region', { name: 'Terminal 1' })).toContainText('#');
  });

  await test.step('a deleted snapshot keeps its place between its parent and its captures', async () => {
    await deleteSandbox(window, 'second-box');
    await goTo(window, 'Snapshots');
    await card(window, 'mid').getByRole('button', { name: 'Open mid' }).click();
    const withMid = await treeInDocker(daemon.host, TEST_IMAGE);
    await window.getByRole('button', { name: 'Delete', exact: true }).click();
    await confirmDeletion(window);
    await expect(card(window, 'mid')).toHaveCount(0);
    const expected = [
      `1 ${TEST_IMAGE}, image`,
      ...withMid.map((line) => line.replace('mid, snapshot', 'mid, deleted snapshot')),
    ];
    for (const name of ['leaf', 'base']) {
      await openLineage(window, name);
      await expect.poll(() => treeInWindow(window)).toEqual(expected);
    }
    // The remaining images in Docker no longer have it.
    const left = await treeInDocker(daemon.host, TEST_IMAGE);
    expect(left.join()).not.toContain('leaf');
  });
});
