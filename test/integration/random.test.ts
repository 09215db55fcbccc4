import { expect, it } from 'vitest';
import { startDockerd } from '../support/dockerd';
import { contentsOf, dockerItself, freshHome, removeEverything } from '../support/engine';
import { importBusybox } from '../support/images';
import { RandomRun } from '../support/randomRun';

/** `SANDGLASS_SEEDS=20` runs twenty; `SANDGLASS_SEED=7` that one alone. */
const { SANDGLASS_SEED: only, SANDGLASS_SEEDS: count = '3' } = process.env;
const seeds = only ? [Number(only)] : Array.from({ length: Number(count) }, (_, i) => i + 1);
const OPERATIONS = Number(process.env.SANDGLASS_OPERATIONS ?? 1000);

it.each(seeds)(
  'a random run with the seed %d ends in agreement',
  { timeout: 900_000 },
  async (seed) => {
    const daemon = await startDockerd();
    try {
      await importBusybox(daemon.host);
      const docker = dockerItself(daemon.host);
      const before = await contentsOf(docker);
      const run = await RandomRun.start(seed, await freshHome(), daemon);
      const sandglass = await run.run(OPERATIONS);
      await removeEverything(sandglass);
      // What a killed app had asked for may end as late as now.
      await expect.poll(() => contentsOf(docker)).toEqual(before);
      await sandglass.close();
    } finally {
      await daemon.stop();
    }
  },
);
