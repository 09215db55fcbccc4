import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type Docker from 'dockerode';

const exec = promisify(execFile);

/**
 * Finds the folders of an image's layers in the daemon's overlay2 data. Equal paths are shared layers, and
 * their bytes are those of the files in them.
 */
export async function layerFolders(docker: Docker, image: string): Promise<string[]> {
  const { GraphDriver } = await docker.getImage(image).inspect();
  const { UpperDir, LowerDir } = GraphDriver.Data as unknown as {
    UpperDir: string;
    LowerDir?: string;
  };
  return [UpperDir, ...(LowerDir?.split(':') ?? [])];
}

/** Bytes of the files in a folder, hard links counted once, directories not counted. */
export async function bytesIn(folder: string): Promise<number> {
  const { stdout } = await exec('find', [folder, '!', '-type', 'd', '-printf', '%i %s\n']);
  const files = new Set(stdout.trim().split('\n').filter(Boolean));
  return [...files].reduce((total, file) => total + Number(file.split(' ')[1]), 0);
}

/** Total bytes of a set of layers. */
export async function bytesOfAll(folders: Iterable<string>): Promise<number> {
  let bytes = 0;
  for (const folder of new Set(folders)) bytes += await bytesIn(folder);
  return bytes;
}
