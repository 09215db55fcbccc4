import { createReadStream } from 'node:fs';
import { open, readFile, stat } from 'node:fs/promises';
import { join, posix, relative } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import dockerIgnore from '@balena/dockerignore';
import tarFs from 'tar-fs';
import tar from 'tar-stream';
import { SandglassError, toSandglassError } from '#shared/errors';
import { copyEntries, type TarEntry, tarEntries } from '../files';

/** Build context: the files that a Dockerfile can copy from. */
export interface BuildContext {
  /** Reads text files by path. Missing files are not in the result. */
  texts(paths: string[]): Promise<Map<string, string>>;
  /** Packs all files except the ignored ones as a tar archive. */
  pack(isIgnored: (path: string) => boolean): Promise<Readable>;
}

/** Build context from a folder of this computer. */
export function folderContext(folder: string): BuildContext {
  return {
    texts: async (paths) => {
      const found = await Promise.all(
        paths.map(async (path): Promise<Array<[string, string]>> => {
          const file = join(folder, path);
          const isFile = (await stat(file).catch(() => null))?.isFile();
          return isFile ? [[path, await readFile(file, 'utf8')]] : [];
        }),
      );
      return new Map(found.flat());
    },
    pack: async (isIgnored) =>
      tarFs.pack(folder, {
        ignore: (path) => isIgnored(relative(folder, path).replaceAll('\\', '/')),
      }) as unknown as Readable,
  };
}

/** Build context from a tar archive on this computer, gzipped or not. */
export function archiveContext(file: string): BuildContext {
  return tarContext(async () => {
    const bytes = createReadStream(file);
    if (!(await isGzipped(file))) return bytes;
    const unzipped = createGunzip();
    pipeline(bytes, unzipped).catch((thrown: Error) => unzipped.destroy(thrown));
    return unzipped;
  });
}

/** Build context from a tar archive that `read` streams from its start, at each call anew. */
export function tarContext(read: () => Promise<Readable>): BuildContext {
  return {
    texts: async (paths) => {
      const found = new Map<string, string>();
      for await (const entry of contextEntries(await read())) {
        const path = contextPath(entry.header);
        if (paths.includes(path)) found.set(path, await text(entry));
        else entry.resume();
      }
      return found;
    },
    pack: async (isIgnored) => {
      const pack = tar.pack();
      copyEntries(contextEntries(await read()), pack, (header) =>
        isIgnored(contextPath(header)) ? null : header,
      ).catch((thrown: Error) => pack.destroy(thrown));
      return pack as unknown as Readable;
    },
  };
}

/**
 * Checks that a context has the Dockerfile, and reads its ignore file: `NAME.dockerignore` beside the
 * Dockerfile, else `.dockerignore`. Returns a function that packs the other files.
 *
 * @throws SandglassError `invalid_input` (no such Dockerfile, not a tar archive)
 */
export async function openContext(
  context: BuildContext,
  dockerfile: string,
): Promise<() => Promise<Readable>> {
  const path = posix.normalize(dockerfile.replaceAll('\\', '/'));
  const ignoreFiles = [`${path}.dockerignore`, '.dockerignore'];
  const texts = await context.texts([path, ...ignoreFiles]);
  if (!texts.has(path)) {
    throw new SandglassError('invalid_input', `dockerfile: the context has no ${dockerfile}.`, {
      field: 'dockerfile',
      hint: 'Specify it relative to the context.',
    });
  }
  const found = ignoreFiles.find((name) => texts.has(name));
  if (found === undefined) return () => context.pack(() => false);
  const rules = dockerIgnore({ ignorecase: false }).add(texts.get(found) ?? '');
  // The builder needs the Dockerfile and .dockerignore even if they are ignored.
  const required = new Set(['', path, '.dockerignore']);
  return () => context.pack((file) => !required.has(file) && rules.ignores(file));
}

/** @throws SandglassError `invalid_input` when the source is not a complete tar archive */
async function* contextEntries(source: Readable): AsyncGenerator<TarEntry, void, void> {
  try {
    yield* tarEntries(source);
  } catch (cause) {
    if (toSandglassError(cause).code !== 'internal') throw cause;
    throw new SandglassError('invalid_input', 'context: the tar archive is corrupt or truncated.', {
      field: 'context',
      cause,
    });
  }
}

/** Path relative to the context's root: `./a/` and `/a` are `a`, `.` is empty. */
function contextPath({ name }: tar.Header): string {
  return posix
    .normalize(name)
    .replace(/^\/+|\/+$/g, '')
    .replace(/^\.$/, '');
}

/** True for the magic number of gzip (RFC 1952, 2.3.1). */
async function isGzipped(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await handle.close();
  }
}
