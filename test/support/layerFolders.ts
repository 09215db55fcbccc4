import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type Docker from 'dockerode';

const exec = promisify(execFile);

/**
 * The folders in which overlay2 has an image's layers, looked up in the daemon's own data: what an image
 * has in common with another one is seen by the paths, and the bytes are those of the files in them.
 */
export async function layerFolders(docker: Docker, image: string): Promise<string[]> {
  const { GraphDriver } = await docker.getImage(image).inspect();
  const { UpperDir, LowerDir } = GraphDriver.Data as unknown as {
    UpperDir: string;
    LowerDir?: string;
  };
  return [UpperDir, ...(LowerDir?.split(':') ?? [])];
}

/** What lies in a folder, files with several names once, folders themselves not counted. */
export async function bytesIn(folder: string): Promise<number> {
  const { stdout } = await exec('find', [folder, '!', '-type', 'd', '-printf', '%i %s\n']);
  const files = new Set(stdout.trim().split('\n').filter(Boolean));
  return [...files].reduce((total, file) => total + Number(file.split(' ')[1]), 0);
}

/** The bytes of a set of layers together. */
export async function bytesOfAll(folders: Iterable<string>): Promise<number> {
  let bytes = 0;
  for (const folder of new Set(folders)) bytes += await bytesIn(folder);
  return bytes;
}
