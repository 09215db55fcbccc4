import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ElectronApplication, Page } from '@playwright/test';
import { newHome, removeHome, startApp, startElectron } from '../e2e/support/app';
import { type Comparison, compare } from './measure';

const emptyApp = `
const { app, BrowserWindow } = require('electron');
app.whenReady().then(() => new BrowserWindow().loadURL('data:text/html,<h1>Sandglass</h1>'));
`;

/** Time from the start of the process to the first paint, compared with an empty Electron app. */
export async function benchWindow(host: string): Promise<Comparison[]> {
  const folder = await mkdtemp(join(tmpdir(), 'sandglass-empty-'));
  await writeFile(
    join(folder, 'package.json'),
    '{"name":"empty","version":"1.0.0","main":"main.js"}',
  );
  await writeFile(join(folder, 'main.js'), emptyApp);
  const home = await newHome();
  let app: ElectronApplication;
  const quit = () => app.close();
  const start = await compare(
    'Start the app until the window shows its content',
    5,
    {
      name: 'Sandglass',
      run: async () => {
        const running = await startApp({ dockerHost: host, home });
        app = running.app;
        await painted(running.window);
      },
      after: quit,
    },
    {
      name: 'an Electron app with one heading',
      run: async () => {
        app = await startElectron(folder, {});
        await painted(await app.firstWindow());
      },
      after: quit,
    },
  );
  await removeHome(home);
  await rm(folder, { recursive: true });
  return [start];
}

async function painted(window: Page): Promise<void> {
  await window.getByRole('heading').first().waitFor();
  await window.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
}
