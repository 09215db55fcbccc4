import { startDockerd } from './dockerd';
import { filesystemOf } from './imageFacts/filesystem';
import { KNOWN_AFTER, KNOWN_BEFORE, knownImages } from './knownImages';

/** By it, what this has left running when it was killed is found: see sweep.ts. */
process.env.SANDGLASS_TESTS = String(process.pid);

/** Run by itself: makes the images that tests find in the cache, and reads what is in them. */
const daemon = await startDockerd();
try {
  await knownImages(daemon.host);
  for (const image of [KNOWN_BEFORE, KNOWN_AFTER]) await filesystemOf(daemon.host, image);
} finally {
  await daemon.stop();
}
