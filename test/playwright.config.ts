import { defineConfig } from '@playwright/test';

/** Marks child processes, so that support/sweep.ts finds those of killed test runs. */
process.env.SANDGLASS_TESTS ??= String(process.pid);

/** Real Electron; each worker has a display and a Docker daemon of its own. */
export default defineConfig({
  testDir: 'e2e',
  outputDir: '../test-results',
  workers: 2,
  // Far more than a test needs, so that none fails on a busy machine.
  timeout: 240_000,
  expect: { timeout: 60_000 },
  reporter: 'list',
});
