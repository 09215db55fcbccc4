import { startDockerd } from './dockerd';
import { filesystemOf } from './imageFacts/filesystem';
import { KNOWN_AFTER, KNOWN_BEFORE, knownImages } from './knownImages';

/** Marks child processes, so that sweep.ts finds them after a kill. */
process.env.SANDGLASS_TESTS = String(process.pid);

/** Script that fills the cache with the images for tests and the facts about their contents. */
const daemon = await startDockerd();
try {
  await knownImages(daemon.host);
  for (const image of [KNOWN_BEFORE, KNOWN_AFTER]) await filesystemOf(daemon.host, image);
} finally {
  await daemon.stop();
}
