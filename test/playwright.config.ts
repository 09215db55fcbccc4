import { defineConfig } from '@playwright/test';

/** By it, what tests that were killed have left running is found: see support/sweep.ts. */
process.env.SANDGLASS_TESTS ??= String(process.pid);

/** Real Electron, one window at a time: they share a display and a Docker daemon. */
export default defineConfig({
  testDir: 'e2e',
  outputDir: '../test-results',
  workers: 1,
  // Far more than any of them needs: a machine that is busy with something else makes none of them fail.
  timeout: 240_000,
  expect: { timeout: 60_000 },
  reporter: 'list',
});
