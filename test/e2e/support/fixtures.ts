import { test as base } from '@playwright/test';
import { onVirtualDisplay } from '../../../electron/setup/host/display';
import { type Dockerd, startDockerd } from '../../support/dockerd';
import { importBusybox } from '../../support/images';
import { newHome, type RunningApp, removeHome, startApp } from './app';

interface TestFixtures {
  /** Home folder of the test's app. */
  home: string;
  /** The app with its window, on the worker's daemon; quit after the test. */
  running: RunningApp;
}

interface WorkerFixtures {
  /** A virtual display: windows of two workers on one would take the focus and clipboard of each other. */
  display: undefined;
  /** A private Docker daemon with the test image, shared by the worker's tests that do not stop it. */
  daemon: Dockerd;
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  display: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's needs from its pattern
    async ({}, use) => {
      await onVirtualDisplay(async (env) => {
        Object.assign(process.env, env);
        await use(undefined);
      });
    },
    { scope: 'worker', auto: true },
  ],
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
