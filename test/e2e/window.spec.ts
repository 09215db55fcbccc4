import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { startApp } from './support/app';
import { expect, test } from './support/fixtures';
import { bootSandbox, buildSnapshot, goTo, terminal, typeLine } from './support/steps';

const dockerHost = 'unix:///nowhere/docker.sock';
/** No desktop session, so no tray. */
const noTray = { DBUS_SESSION_BUS_ADDRESS: 'disabled:' };

test('the window reopens where it was closed; without a tray, closing it quits', async ({
  home,
}) => {
  const bounds = { x: 40, y: 30, width: 1000, height: 640 };
  const first = await startApp({ dockerHost, home, env: noTray });
  const exit = once(first.app.process(), 'exit');
  await first.app.evaluate(async ({ BrowserWindow }, wanted) => {
    const [window] = BrowserWindow.getAllWindows();
    if (!window) throw new Error('There is no window.');
    if (!window.isVisible()) {
      await new Promise<void>((resolve) => window.once('show', () => resolve()));
    }
    window.setBounds(wanted);
    // The X server responds asynchronously.
    const isThere = () => JSON.stringify(window.getBounds()) === JSON.stringify(wanted);
    do await new Promise((resolve) => setTimeout(resolve, 300));
    while (!isThere());
    window.close();
  }, bounds);
  expect(await exit).toEqual([0, null]);

  const second = await startApp({ dockerHost, home });
  await expect
    .poll(() =>
      second.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getBounds()),
    )
    .toEqual(bounds);
  await second.quit();
});

test('a page is reloaded when its process crashes', async ({ running: { app, window } }) => {
  await expect(window.getByText('No snapshots yet')).toBeVisible();
  const title = await app.evaluate(async ({ BrowserWindow }) => {
    const [shown] = BrowserWindow.getAllWindows();
    if (!shown) throw new Error('There is no window.');
    const loaded = new Promise<void>((resolve) => {
      shown.webContents.once('did-finish-load', () => resolve());
    });
    shown.webContents.forcefullyCrashRenderer();
    await loaded;
    return shown.webContents.executeJavaScript('document.title');
  });
  expect(title).toBe('Sandglass');
});

test('the menu navigates a page that is still loading', async ({ running: { app, window } }) => {
  await goTo(window, 'Snapshots');
  await app.evaluate(async ({ BrowserWindow, Menu }) => {
    const [shown] = BrowserWindow.getAllWindows();
    if (!shown) throw new Error('There is no window.');
    await new Promise<void>((resolve) => {
      shown.webContents.once('did-navigate', () => resolve());
      shown.webContents.reload();
    });
    const view = Menu.getApplicationMenu()?.items.find(({ label }) => label === 'View');
    view?.submenu?.items.find(({ label }) => label === 'Settings')?.click();
  });
  await expect(window.getByRole('heading', { name: 'Settings' })).toBeVisible();
});

test('a reload releases the terminals of the page', async ({ running: { window } }) => {
  await buildSnapshot(window, 'base');
  await bootSandbox(window, 'base', 'box');
  await window.reload();
  await goTo(window, 'Sandboxes');
  await window.getByRole('row', { name: 'box' }).getByRole('button', { name: 'box' }).click();
  // Many times the buffer of a view: an unread view would block the shell permanently.
  await typeLine(
    terminal(window),
    `yes ${'much '.repeat(30)} | head -c 2000000; echo all-""through`,
  );
  await expect(terminal(window)).toContainText('all-through');
});

test('a terminal’s output is sent as bytes, without overhead', async ({
  running: { window: page },
}) => {
  await buildSnapshot(page, 'base');
  await bootSandbox(page, 'base', 'box');
  const seen = await page.evaluate(async () => {
    const api = Reflect.get(globalThis, 'sandglass');
    const portFrom = (ask: () => void) =>
      new Promise<MessagePort>((resolve) => {
        const listen = ({ ports: [port] }: MessageEvent) => {
          if (port) resolve(port);
        };
        window.addEventListener('message', listen, { once: true });
        ask();
      });
    const operations = await portFrom(() => api.connectOperations());
    const answer = new Promise<string>((resolve) => {
      operations.onmessage = ({ data }) => resolve(data);
    });
    operations.postMessage('{"i":"1","p":{"u":"http://orpc/terminals/list","b":{}}}');
    const [terminalId] = (await answer).match(/[0-9a-f-]{36}/) ?? [];
    const port = await portFrom(() => api.connectTerminal(terminalId));
    return await new Promise((resolve) => {
      let text = '';
      let strays = 0;
      const decoder = new TextDecoder();
      port.onmessage = ({ data }) => {
        if (data.type !== 'output') return;
        if (!(data.bytes instanceof Uint8Array)) resolve('not bytes');
        strays += data.bytes.buffer.byteLength - data.bytes.byteLength;
        text += decoder.decode(data.bytes, { stream: true });
        if (text.includes('<é>')) resolve({ strays });
      };
      // Invalid messages are ignored, without ending the terminal.
      for (const wrong of [null, 'input', { type: 'input', bytes: 'ls' }, { type: 'resize' }]) {
        port.postMessage(wrong);
      }
      // The two bytes of the character are split.
      const line = "printf '<\\303'; sleep 0.3; printf '\\251>\\n'\n";
      port.postMessage({ type: 'input', bytes: new TextEncoder().encode(line) });
    });
  });
  expect(seen).toEqual({ strays: 0 });
});

test('quitting waits for the engine, even when requested twice', async ({ daemon, home }) => {
  const { app, window } = await startApp({ dockerHost: daemon.host, home });
  await buildSnapshot(window, 'base');
  // Docker ends its shell, which takes a moment.
  await bootSandbox(window, 'base', 'box');
  const exit = once(app.process(), 'exit');
  await app.evaluate(({ app: electron }) => {
    setTimeout(() => {
      electron.quit();
      electron.quit();
    });
  });
  expect(await exit).toEqual([0, null]);
  // SQLite removes its WAL when the catalog closes, which is the engine's last step.
  expect(await readdir(home)).not.toContain('catalog.sqlite-wal');
});
