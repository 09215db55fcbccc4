import { defineConfig } from 'vitest/config';

/** By it, what tests that were killed have left running is found: see support/sweep.ts. */
process.env.SANDGLASS_TESTS ??= String(process.pid);

/** Unit tests need nothing; integration tests share one private Docker daemon, started once. */
export default defineConfig({
  root: import.meta.dirname,
  test: {
    projects: [
      // A test that takes long on a busy machine is not wrong for that.
      {
        test: {
          name: 'unit',
          include: ['unit/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['integration/**/*.test.ts'],
          globalSetup: ['support/sharedDocker.ts'],
          // Real containers on small machines; what depends on speed is in the benchmark.
          testTimeout: 180_000,
          hookTimeout: 180_000,
          // A look inside a sandbox alone may take longer than vitest's own second.
          expect: { poll: { timeout: 120_000 } },
          // They compare what the one daemon holds before and after: one file at a time.
          fileParallelism: false,
        },
      },
    ],
  },
});
