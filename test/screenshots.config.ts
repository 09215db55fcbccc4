import { defineConfig } from '@playwright/test';

/** `npm run screenshots`: takes a screenshot of every page of the real app, one after the other. */
export default defineConfig({
  testDir: 'screenshots',
  testMatch: '*.shots.ts',
  outputDir: '../test-results',
  globalTeardown: './screenshots/publish.ts',
  workers: 1,
  // On a busy machine the pictures of 10,000 snapshots take minutes.
  timeout: 900_000,
  expect: { timeout: 20_000 },
  reporter: 'list',
});
