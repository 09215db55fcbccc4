import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { FileStat } from '#shared/contract/sandboxes';
import type { Engine } from '../../electron/engine/engine';

interface SandboxFile {
  sandbox: string;
  path: string;
}

type FileStreams = Pick<Engine, 'files'>;

/** Reads a file of a sandbox, or `length` bytes of it from `offset`, through the API's stream. */
export async function readSandboxFile(
  { files }: FileStreams,
  { sandbox, path, ...part }: SandboxFile & { offset?: number; length?: number },
): Promise<Buffer> {
  return await buffer(await files.readStream(sandbox, path, part));
}

/** Writes a file of a sandbox through the API's stream. */
export async function writeSandboxFile(
  { files }: FileStreams,
  { sandbox, path, bytes }: SandboxFile & { bytes: Uint8Array },
): Promise<FileStat> {
  return await files.writeStream(sandbox, path, Readable.from([Buffer.from(bytes)]), bytes.length);
}
