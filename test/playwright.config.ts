import { defineConfig } from '@playwright/test';

/** Real Electron, one window at a time: they share a display and a Docker daemon. */
export default defineConfig({
  testDir: 'e2e',
  outputDir: '../test-results',
  workers: 1,
  timeout: 90_000,
  expect: { timeout: 20_000 },
  reporter: 'list',
});
