import type { TestProject } from 'vitest/node';
import { startDockerd } from './dockerd';
import { importBusybox } from './images';

declare module 'vitest' {
  interface ProvidedContext {
    dockerHost: string;
  }
}

/** One private daemon for all integration tests that do not harm it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const daemon = await startDockerd();
  await importBusybox(daemon.host);
  project.provide('dockerHost', daemon.host);
  return () => daemon.stop();
}
