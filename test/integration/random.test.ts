import { rm } from 'node:fs/promises';
import { it } from 'vitest';
import { startDockerd } from '../support/dockerd';
import { contentsOf, dockerItself, newHome, removeEverything } from '../support/engine';
import { importBusybox } from '../support/images';
import { testLength } from '../support/long';
import { RandomRun } from '../support/randomRun';

/** `SANDGLASS_SEEDS=20` runs twenty; `SANDGLASS_SEED=7` that one alone. */
const { SANDGLASS_SEED: only, SANDGLASS_SEEDS: count } = process.env;
const seedCount = Number(count ?? testLength({ short: 1, long: 3 }));
const seeds = only ? [Number(only)] : Array.from({ length: seedCount }, (_, i) => i + 1);
const OPERATIONS = Number(
  process.env.SANDGLASS_OPERATIONS ?? testLength({ short: 250, long: 1000 }),
);

// Concurrent, each with its own daemon: a single run waits for Docker half of the time.
it.concurrent.for(seeds)(
  'a random run with the seed %d ends in agreement',
  { timeout: 1_800_000, tags: ['long'] },
  async (seed, { expect }) => {
    const daemon = await startDockerd();
    const home = await newHome();
    try {
      await importBusybox(daemon.host);
      const docker = dockerItself(daemon.host);
      const before = await contentsOf(docker);
      const run = await RandomRun.start(seed, home, daemon);
      try {
        const sandglass = await run.run(OPERATIONS);
        await removeEverything(sandglass);
        // Requests of a killed app may end only now.
        await expect.poll(() => contentsOf(docker)).toEqual(before);
      } finally {
        await run.close();
      }
    } finally {
      await daemon.stop();
      await rm(home, { recursive: true, force: true });
    }
  },
);
