import { workerDaemon } from './engine';

/** Vitest setup file: gives each worker a temporary folder of its own, which child processes inherit. */
process.env.TMPDIR = workerDaemon().tempFolder;
