import { test as base } from '@playwright/test';
import { type Dockerd, startDockerd } from '../../support/dockerd';
import { importBusybox } from '../../support/images';
import { newHome, type RunningApp, removeHome, startApp } from './app';

interface TestFixtures {
  /** A folder for one test's app. */
  home: string;
  /** The app with its window, on the shared daemon; quit after the test. */
  running: RunningApp;
}

interface WorkerFixtures {
  /** A private Docker daemon with the test image, shared by the tests that do not harm it. */
  daemon: Dockerd;
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  daemon: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's needs from its pattern
    async ({}, use) => {
      const daemon = await startDockerd();
      await importBusybox(daemon.host);
      await use(daemon);
      await daemon.stop();
    },
    { scope: 'worker' },
  ],
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's needs from its pattern
  home: async ({}, use) => {
    const home = await newHome();
    await use(home);
    await removeHome(home);
  },
  running: async ({ daemon, home }, use) => {
    const running = await startApp({ dockerHost: daemon.host, home });
    await use(running);
    await running.quit();
  },
});

export { expect } from '@playwright/test';
