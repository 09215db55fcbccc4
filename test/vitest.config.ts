import { defineConfig } from 'vitest/config';

/** Marks child processes, so that support/sweep.ts finds those of killed test runs. */
process.env.SANDGLASS_TESTS ??= String(process.pid);

/**
 * Unit tests need no set-up. For integration tests, each worker has a private Docker daemon and a
 * temporary folder; its files run one after the other.
 */
export default defineConfig({
  root: import.meta.dirname,
  test: {
    // Containers wait for the disk half of the time: two workers use two cores well.
    maxWorkers: 2,
    tags: [{ name: 'long', description: 'Shorter in npm test than in npm run test:long.' }],
    projects: [
      // A test that takes long on a busy machine is not wrong for that.
      {
        test: {
          name: 'unit',
          // Modules are imported once for all files: that is half of the processor time.
          isolate: false,
          include: ['unit/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['integration/**/*.test.ts'],
          globalSetup: ['support/workerDaemons.ts'],
          setupFiles: ['support/workerSetup.ts'],
          // Real containers on small machines; what depends on speed is in the benchmark.
          testTimeout: 180_000,
          hookTimeout: 180_000,
          // A look inside a sandbox alone may take longer than vitest's own second.
          expect: { poll: { timeout: 120_000 } },
        },
      },
    ],
  },
});
