import { defineConfig } from '@playwright/test';

/** `npm run screenshots`: one long walk through the real app. */
export default defineConfig({
  testDir: 'screenshots',
  testMatch: '*.shots.ts',
  outputDir: '../test-results',
  workers: 1,
  // Ten thousand snapshots on a busy machine take minutes until their pictures are there.
  timeout: 900_000,
  expect: { timeout: 20_000 },
  reporter: 'list',
});
