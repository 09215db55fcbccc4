import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startDockerd } from './dockerd';
import { importBusybox } from './images';
import { TEMP_FOLDER } from './sweep';

/** The Docker daemon of one test worker. */
export interface WorkerDaemon {
  /** Value for `DOCKER_HOST`. */
  host: string;
  /** The worker's temporary folder, removed with the daemon. */
  tempFolder: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    /** In the order of `VITEST_POOL_ID`, which counts from 1. */
    workerDaemons: WorkerDaemon[];
  }
}

/**
 * Vitest global setup: starts a private daemon for each worker. Tests compare the contents of their
 * daemon before and after, so files that run at the same time must not share one.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const workers = project.vitest.config.maxWorkers;
  const daemons = await Promise.all(Array.from({ length: workers }, () => startDockerd()));
  const stop = async () => {
    await Promise.all(daemons.map((daemon) => daemon.stop()));
  };
  try {
    const provided = daemons.map(async ({ host, folder }) => {
      const tempFolder = join(folder, TEMP_FOLDER);
      await mkdir(tempFolder);
      await importBusybox(host);
      return { host, tempFolder };
    });
    project.provide('workerDaemons', await Promise.all(provided));
  } catch (thrown) {
    await stop();
    throw thrown;
  }
  return stop;
}
