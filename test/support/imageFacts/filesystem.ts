import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import Docker from 'dockerode';
import type { ContentsEntry } from '#shared/contract/contents';
import { cached } from '../../../electron/setup/binaries/cache';
import { KNOWN_AFTER, KNOWN_BEFORE } from '../knownImages';

/** An entry of an image as tar and Python report it, without the product's code. */
export interface FoundEntry {
  path: string;
  kind: ContentsEntry['kind'];
  /** Size of a file; sums ignore its second hard link (see `counts`). */
  bytes: number;
  mode: number;
  uid: number;
  gid: number;
  modifiedAt: number;
  linkTarget: string | null;
  sha256: string | null;
  /** False for a second hard link, in the order of paths. */
  counts: boolean;
}

/** Paths that Docker adds to a container if the image lacks them (moby's initlayer). */
const DOCKERS_OWN = new Set(
  ['.dockerenv', 'dev', 'dev/console', 'dev/pts', 'dev/shm', 'proc', 'sys', 'etc']
    .concat(['etc/hosts', 'etc/hostname', 'etc/resolv.conf', 'etc/mtab'])
    .map((path) => `/${path}`),
);

/** By image id, since images are immutable. */
const known = new Map<string, Promise<FoundEntry[]>>();

/** Returns all paths of an image's filesystem in order, from `docker export`. */
export async function filesystemOf(host: string, image: string): Promise<FoundEntry[]> {
  const docker = new Docker({ socketPath: host.replace('unix://', '') });
  const { Id } = await docker.getImage(image).inspect();
  const isKept = image === KNOWN_BEFORE || image === KNOWN_AFTER;
  const found = known.get(Id) ?? (isKept ? readKept(docker, Id) : readFilesystem(docker, Id));
  known.set(Id, found);
  return await found;
}

/** Cached for the known images, which are cached themselves. */
async function readKept(docker: Docker, image: string): Promise<FoundEntry[]> {
  const folder = await cached(
    `image-facts-1-${image.replace('sha256:', '').slice(0, 16)}`,
    async (made) => {
      const found = await readFilesystem(docker, image);
      await writeFile(join(made, 'filesystem.json'), JSON.stringify(found));
    },
  );
  return JSON.parse(await readFile(join(folder, 'filesystem.json'), 'utf8'));
}

/** Compares paths folder by folder, names by their code units. */
export function comparePaths(a: string, b: string): number {
  const [left, right] = [a.split('/'), b.split('/')];
  for (const [index, name] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    if (name !== other) return name < other ? -1 : 1;
  }
  return left.length - right.length;
}

async function readFilesystem(docker: Docker, image: string): Promise<FoundEntry[]> {
  const folder = await mkdtemp(join(tmpdir(), 'sandglass-expected-'));
  const container = await docker.createContainer({ Image: image, Cmd: ['none'] });
  try {
    await pipeInto(await container.export(), 'tar', ['-xp', '--numeric-owner', '-C', folder]);
    const layers = JSON.parse(
      await pipeInto(await docker.getImage(image).get(), 'python3', [script('layerPaths')]),
    ) as string[];
    const args = [script('filesystem'), folder];
    const { stdout } = await promisify(execFile)('python3', args, { maxBuffer: 2 ** 30 });
    return inOrder(JSON.parse(stdout), new Set(layers));
  } finally {
    await container.remove();
    await rm(folder, { recursive: true, force: true });
  }
}

type RawEntry = Omit<FoundEntry, 'counts'> & { inode: number };

function inOrder(entries: RawEntry[], inLayers: Set<string>): FoundEntry[] {
  const seen = new Set<number>();
  return entries
    .filter(({ path }) => !DOCKERS_OWN.has(path) || inLayers.has(path))
    .sort((a, b) => comparePaths(a.path, b.path))
    .map(({ inode, ...entry }) => {
      const counts = !seen.has(inode);
      seen.add(inode);
      return { ...entry, counts };
    });
}

function script(name: string): string {
  return join(import.meta.dirname, `${name}.py`);
}

/** Pipes a stream into a command. Returns its output. */
async function pipeInto(input: NodeJS.ReadableStream, command: string, args: string[]) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const [output] = await Promise.all([
    text(child.stdout),
    pipeline(input, child.stdin),
    once(child, 'exit').then(([code]) => {
      if (code !== 0) throw new Error(`${command} ended with ${code}.`);
    }),
  ]);
  return output;
}
