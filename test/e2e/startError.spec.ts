import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type RunningApp, startApp } from './support/app';
import { expect, test } from './support/fixtures';

const dockerHost = 'unix:///nowhere/docker.sock';
const headlessScript = resolve(import.meta.dirname, '../../out/main/headless.js');

/** Closes the error window, whose button ends the app with an error code. */
async function expectRefusal({ app, window }: RunningApp, reason: string): Promise<void> {
  await expect(window.getByRole('heading', { name: 'Sandglass cannot start' })).toBeVisible();
  await expect(window.getByRole('alert')).toContainText(reason);
  const exit = once(app.process(), 'exit');
  // The app may end before Playwright finishes the click; the exit code is checked instead.
  const click = window.getByRole('button', { name: 'Quit' }).click();
  click.catch(() => {});
  expect(await exit).toEqual([1, null]);
}

test('a catalog that cannot be opened prevents the start', async ({ home }) => {
  await mkdir(join(home, 'catalog.sqlite'));
  await expectRefusal(await startApp({ dockerHost, home }), 'cannot be written');
});

test('a home that cannot be a folder prevents the start', async ({ home }) => {
  const file = join(home, '<b>file');
  await writeFile(file, '');
  await expectRefusal(await startApp({ dockerHost, home: file }), `${file} cannot be used`);
});

test('an invalid port in the environment prevents the start', async ({ home }) => {
  const app = await startApp({ dockerHost, home, env: { SANDGLASS_API_PORT: 'http' } });
  await expectRefusal(app, 'SANDGLASS_API_PORT: "http" is not a port number.');
});

test('the headless engine reports when it is ready, locks its home, and ends on a signal', async ({
  home,
}) => {
  const headless = spawn(process.execPath, [headlessScript], {
    env: {
      ...process.env,
      SANDGLASS_HOME: home,
      DOCKER_HOST: dockerHost,
      SANDGLASS_API_PORT: '0',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(headless, 'exit');
  try {
    const [line] = await once(headless.stdout, 'data');
    expect(JSON.parse(String(line))).toMatchObject({
      ready: true,
      home,
      engine: { state: 'unreachable' },
    });
    await expectRefusal(
      await startApp({ dockerHost, home }),
      'Another Sandglass is using this home folder',
    );
  } finally {
    headless.kill('SIGTERM');
  }
  expect(await exit).toEqual([0, null]);
});
