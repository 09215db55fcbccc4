import { startDockerd } from './dockerd';
import { filesystemOf } from './imageFacts/filesystem';
import { areKnownImagesCached, KNOWN_AFTER, KNOWN_BEFORE, knownImages } from './knownImages';

// Script that fills the cache with the images for tests and the facts about their contents.

/** Marks child processes, so that sweep.ts finds them after a kill. */
process.env.SANDGLASS_TESTS = String(process.pid);

if (!(await areKnownImagesCached())) await prepare();

async function prepare(): Promise<void> {
  const daemon = await startDockerd();
  try {
    await knownImages(daemon.host);
    for (const image of [KNOWN_BEFORE, KNOWN_AFTER]) await filesystemOf(daemon.host, image);
  } finally {
    await daemon.stop();
  }
}
