import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { dockerHost } from './engine';
import { type FoundEntry, filesystemOf } from './imageFacts/filesystem';
import { KNOWN_AFTER, KNOWN_FOLDER } from './knownImages';

const exec = promisify(execFile);

/** Makes a folder, which is removed after the test. */
export async function freshFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sandglass-saved-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Returns the entries below a folder of the host, as Python reports them. */
export async function factsOf(folder: string): Promise<Array<FoundEntry & { inode: number }>> {
  const script = join(import.meta.dirname, 'imageFacts/filesystem.py');
  const { stdout } = await exec('python3', [script, folder], { maxBuffer: 2 ** 28 });
  return JSON.parse(stdout);
}

/** Returns an entry of a known image. */
export async function expectedFile(path: string, image = KNOWN_AFTER): Promise<FoundEntry> {
  const found = (await filesystemOf(dockerHost(), image)).find((entry) => entry.path === path);
  if (!found) throw new Error(`${image} has no ${path}.`);
  return found;
}

/** Path of one of the files that differ between the known images. */
export const known = (name: string) => `${KNOWN_FOLDER}/${name}`;
export const sha256 = (bytes: string | Uint8Array) =>
  createHash('sha256').update(bytes).digest('hex');
