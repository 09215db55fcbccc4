import { createReadStream } from 'node:fs';
import { open, readFile, stat } from 'node:fs/promises';
import { join, posix, relative } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import dockerIgnore from '@balena/dockerignore';
import tarFs from 'tar-fs';
import tar from 'tar-stream';
import { SandglassError, toSandglassError } from '#shared/errors';

/** The files that a Dockerfile may copy from, wherever they are. */
export interface BuildContext {
  /** Those of these text files that are there, by their path. */
  texts(paths: string[]): Promise<Map<string, string>>;
  /** All files but those that are to stay out, as a tar archive. */
  pack(isLeftOut: (path: string) => boolean): Promise<Readable>;
}

/** What is in an archive; each is to be read or resumed before the next one comes. */
type ArchiveEntry = Readable & { header: tar.Header };

/** A folder of this computer. */
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
    pack: async (isLeftOut) =>
      tarFs.pack(folder, {
        ignore: (path) => isLeftOut(relative(folder, path).replaceAll('\\', '/')),
      }) as unknown as Readable,
  };
}

/** A tar archive on this computer, gzipped or not. */
export function archiveContext(file: string): BuildContext {
  return tarContext(async () => {
    const bytes = createReadStream(file);
    if (!(await isGzipped(file))) return bytes;
    const unzipped = createGunzip();
    pipeline(bytes, unzipped).catch((thrown: Error) => unzipped.destroy(thrown));
    return unzipped;
  });
}

/** A tar archive that can be read from its start any number of times. */
export function tarContext(read: () => Promise<Readable>): BuildContext {
  return {
    texts: async (paths) => {
      const found = new Map<string, string>();
      for await (const entry of entriesOf(await read())) {
        const path = pathOf(entry.header);
        if (paths.includes(path)) found.set(path, await text(entry));
        else entry.resume();
      }
      return found;
    },
    pack: async (isLeftOut) => {
      const pack = tar.pack();
      repack(await read(), pack, isLeftOut).catch((thrown: Error) => pack.destroy(thrown));
      return pack as unknown as Readable;
    },
  };
}

/**
 * Looks for the Dockerfile, and reads what is to stay out (`.dockerignore`, or one of the Dockerfile's
 * own beside it). Returns what packs the rest.
 *
 * @throws SandglassError `invalid_input` (no such Dockerfile, no tar archive)
 */
export async function openContext(
  context: BuildContext,
  dockerfile: string,
): Promise<() => Promise<Readable>> {
  const path = posix.normalize(dockerfile.replaceAll('\\', '/'));
  const ignores = [`${path}.dockerignore`, '.dockerignore'];
  const texts = await context.texts([path, ...ignores]);
  if (!texts.has(path)) {
    throw new SandglassError('invalid_input', `dockerfile: there is no ${dockerfile} in context.`, {
      field: 'dockerfile',
      hint: 'It is named relative to the context.',
    });
  }
  const found = ignores.find((name) => texts.has(name));
  if (found === undefined) return () => context.pack(() => false);
  const rules = dockerIgnore({ ignorecase: false }).add(texts.get(found) ?? '');
  // The builder needs these two whatever they say.
  const always = new Set(['', path, '.dockerignore']);
  return () => context.pack((inside) => !always.has(inside) && rules.ignores(inside));
}

async function repack(
  source: Readable,
  pack: tar.Pack,
  isLeftOut: (path: string) => boolean,
): Promise<void> {
  for await (const entry of entriesOf(source)) {
    if (isLeftOut(pathOf(entry.header))) {
      entry.resume();
      continue;
    }
    await new Promise<void>((resolve, reject) => {
      const sink = pack.entry(entry.header, (error) => (error ? reject(error) : resolve()));
      entry.pipe(sink as unknown as Writable);
    });
  }
  pack.finalize();
}

/** @throws SandglassError `invalid_input` where it is no tar archive */
async function* entriesOf(source: Readable): AsyncGenerator<ArchiveEntry, void, void> {
  const extract = tar.extract();
  source.once('error', (error) => extract.destroy(error));
  source.pipe(extract);
  try {
    for await (const entry of extract) yield entry as unknown as ArchiveEntry;
  } catch (cause) {
    if (toSandglassError(cause).code !== 'internal') throw cause;
    throw new SandglassError('invalid_input', 'context: this is no whole tar archive.', {
      field: 'context',
      cause,
    });
  } finally {
    source.destroy();
    extract.destroy();
  }
}

/** From the context's root, whatever way the archive writes it. */
function pathOf({ name }: tar.Header): string {
  return posix
    .normalize(name)
    .replace(/^\/+|\/+$/g, '')
    .replace(/^\.$/, '');
}

async function isGzipped(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await handle.close();
  }
}
