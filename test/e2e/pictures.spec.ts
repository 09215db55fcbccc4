import type { Locator } from '@playwright/test';
import Docker from 'dockerode';
import { formatBytes } from '#shared/format';
import { type FoundEntry, filesystemOf } from '../support/imageFacts/filesystem';
import { CHANGE_COMMAND, KNOWN_BEFORE, knownImages } from '../support/knownImages';
import { expect, test } from './support/fixtures';
import {
  bootSandbox,
  buildSnapshot,
  captureFromPage,
  card,
  terminal,
  typeLine,
} from './support/steps';

// The app reads hundreds of megabytes, as do tar and Python.
test.slow();

/** Names of the parts of the picture, in keyboard order. */
async function namedParts(picture: Locator): Promise<string[]> {
  const caption = picture.getByRole('status');
  const texts: string[] = [];
  await picture.focus();
  for (;;) {
    await picture.press('ArrowRight');
    const text = (await caption.textContent()) ?? '';
    if (texts.includes(text)) return texts;
    texts.push(text);
  }
}

interface Named {
  path: string;
  kind: string;
  size: string;
  own: string;
}

function readCaption(text: string): Named {
  const [, path = '', kind = '', size = '', own = ''] =
    /^(.*?)(?:, rest)? · (\w+) · ([\d.]+ \w+)(.*)$/.exec(text) ?? [];
  return { path, kind, size, own };
}

/** Bytes of a part: files below its folder that are in no deeper part. */
function bytesIn(path: string, parts: readonly string[], files: readonly FoundEntry[]): number {
  const partOf = (file: string) =>
    parts
      .filter((part) => part === '/' || file.startsWith(`${part}/`))
      .reduce((deepest, part) => (part.length > deepest.length ? part : deepest), '/');
  return files
    .filter((file) => file.kind === 'file' && file.counts && partOf(file.path) === path)
    .reduce((sum, { bytes }) => sum + bytes, 0);
}

test('a picture names its parts, with the sizes in a tar of the image', async ({
  daemon,
  running: { window },
}) => {
  await knownImages(daemon.host);
  await buildSnapshot(window, 'known', KNOWN_BEFORE);
  await card(window, 'known').getByRole('button', { name: 'Open known' }).click();
  const detail = window.getByRole('complementary', { name: 'Details of known' });
  const picture = detail.getByRole('group', { name: /^Contents of known/ });
  await expect(picture).toBeVisible({ timeout: 120_000 });
  const files = await filesystemOf(daemon.host, KNOWN_BEFORE);

  await test.step('by keyboard, each of them', async () => {
    const named = (await namedParts(picture)).map(readCaption);
    expect(named.length).toBeGreaterThan(10);
    const paths = named.map(({ path }) => path);
    const expected = paths.map((path) => `${path} ${formatBytes(bytesIn(path, paths, files))}`);
    expect(named.map(({ path, size }) => `${path} ${size}`)).toEqual(expected);
    const kinds = new Map(named.map(({ path, kind }) => [path, kind]));
    expect([...kinds.values()]).toEqual(expect.arrayContaining(['system', 'runtimes', 'packages']));
    // Built from an image: nothing is inherited or labelled so.
    expect(named.map(({ own }) => own).join('')).toBe('');
  });

  await test.step('under the pointer, on the card too', async () => {
    const drawn = card(window, 'known').getByRole('button', { name: 'Open known' });
    await drawn.hover({ position: { x: 12, y: 60 } });
    const caption = drawn.locator('.picture-caption');
    const all = (await namedParts(picture)).map(readCaption);
    await drawn.hover({ position: { x: 14, y: 60 } });
    await expect(caption).toContainText(' · ');
    const { path, size } = readCaption((await caption.textContent()) ?? '');
    expect(all.find((part) => part.path === path)?.size).toBe(size);
  });
});

test('added and inherited parts of a capture are distinct', async ({
  daemon,
  running: { window },
}) => {
  await knownImages(daemon.host);
  await buildSnapshot(window, 'known', KNOWN_BEFORE);
  await bootSandbox(window, 'known', 'box');
  await typeLine(
    terminal(window),
    `${CHANGE_COMMAND} && head -c 12000000 /dev/zero > /root/model.bin; echo al""l done`,
  );
  await expect(terminal(window)).toContainText('all done', { timeout: 120_000 });
  await captureFromPage(window, 'changed');
  await card(window, 'changed').getByRole('button', { name: 'Open changed' }).click();
  const detail = window.getByRole('complementary', { name: 'Details of changed' });
  await expect(
    detail.getByText('Muted: inherited. Saturated: added by this snapshot.'),
  ).toBeVisible({
    timeout: 120_000,
  });
  const picture = detail.getByRole('group', { name: /^Contents of changed/ });
  const named = (await namedParts(picture)).map(readCaption);
  const docker = new Docker({ socketPath: daemon.host.replace('unix://', '') });
  const filters = { label: ['dev.sandglass.kind=snapshot', 'dev.sandglass.name=changed'] };
  const [image] = await docker.listImages({ filters });
  const files = await filesystemOf(daemon.host, image?.Id ?? '');
  const before = new Map(
    (await filesystemOf(daemon.host, KNOWN_BEFORE)).map(({ path, sha256 }) => [path, sha256]),
  );
  const own = files.filter(({ path, sha256 }) => before.get(path) !== sha256);
  const paths = named.map(({ path }) => path);
  const expected = paths.map((path) => {
    const total = bytesIn(path, paths, files);
    const ofOwn = bytesIn(path, paths, own);
    const said =
      ofOwn === 0
        ? ', inherited'
        : ofOwn === total
          ? ', all added'
          : `, ${formatBytes(ofOwn)} added`;
    return `${path} ${formatBytes(total)}${said}`;
  });
  expect(named.map(({ path, size, own: said }) => `${path} ${size}${said}`)).toEqual(expected);
  expect(named.find(({ path }) => path === '/root')).toMatchObject({
    kind: 'home',
    size: '11.4 MiB',
  });
});
