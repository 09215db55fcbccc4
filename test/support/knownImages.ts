import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import Docker from 'dockerode';
import tar from 'tar-stream';
import { cached, cacheFolder } from '../../electron/setup/binaries/cache';
import { importDebian } from './debian';
import { hasImage } from './images';

/** Two Debian images; known/change.sh makes the second from the first, layer by layer. */
export const KNOWN_BEFORE = 'sandglass-test/known-before:1';
export const KNOWN_AFTER = 'sandglass-test/known-after:1';

/** Folder of the files that differ; packages are of apt, pip and, below /srv/app, npm. */
export const KNOWN_FOLDER = '/srv/known';

/** Turns a sandbox of the first image into the second. Needs no network. */
export const CHANGE_COMMAND = 'sh /opt/known/change.sh all';

const sources = join(import.meta.dirname, 'known');

/** Reports whether the archive of the two images is in the cache. */
export async function areKnownImagesCached(): Promise<boolean> {
  return existsSync(join(cacheFolder(), cacheName(await readContext())));
}

/** Loads the two known images into a daemon. They are built once and cached as an archive. */
export async function knownImages(host: string): Promise<{ before: string; after: string }> {
  const docker = new Docker({ socketPath: host.replace('unix://', '') });
  const images = { before: KNOWN_BEFORE, after: KNOWN_AFTER };
  if ((await hasImage(docker, KNOWN_BEFORE)) && (await hasImage(docker, KNOWN_AFTER))) {
    return images;
  }
  const context = await readContext();
  const folder = await cached(cacheName(context), async (made) => {
    await importDebian(host);
    await build(docker, context, 'before.Dockerfile', KNOWN_BEFORE);
    await build(docker, context, 'after.Dockerfile', KNOWN_AFTER);
    await save(host, [KNOWN_BEFORE, KNOWN_AFTER], join(made, 'images.tar'));
  });
  await follow(docker, await docker.loadImage(createReadStream(join(folder, 'images.tar'))));
  return images;
}

type Context = ReadonlyArray<{ name: string; content: Buffer }>;

async function readContext(): Promise<Context> {
  const names = (await readdir(sources)).sort();
  return await Promise.all(
    names.map(async (name) => ({ name, content: await readFile(join(sources, name)) })),
  );
}

function cacheName(context: Context): string {
  const hash = createHash('sha256');
  for (const { name, content } of context)
    hash.update(`${name} ${content.length}\n`).update(content);
  return `known-images-${hash.digest('hex').slice(0, 16)}`;
}

async function build(docker: Docker, context: Context, dockerfile: string, t: string) {
  const pack = tar.pack();
  for (const { name, content } of context) pack.entry({ name }, content);
  pack.finalize();
  await follow(docker, await docker.buildImage(Readable.from(pack), { dockerfile, t }));
}

/** Saves several images into one archive, shared layers once; dockerode saves only one. */
async function save(host: string, images: string[], file: string): Promise<void> {
  const names = images.map((image) => `names=${encodeURIComponent(image)}`).join('&');
  const call = get({ socketPath: host.replace('unix://', ''), path: `/images/get?${names}` });
  const [answer] = (await once(call, 'response')) as [IncomingMessage];
  if (answer.statusCode !== 200) throw new Error(`The save failed: ${answer.statusMessage}`);
  await pipeline(answer, createWriteStream(file));
}

async function follow(docker: Docker, stream: NodeJS.ReadableStream): Promise<void> {
  const events = await new Promise<Array<{ error?: string; stream?: string }>>(
    (resolve, reject) => {
      docker.modem.followProgress(stream, (error, all) => (error ? reject(error) : resolve(all)));
    },
  );
  if (!events.some(({ error }) => error)) return;
  throw new Error(events.map(({ error, stream }) => error ?? stream ?? '').join(''));
}
