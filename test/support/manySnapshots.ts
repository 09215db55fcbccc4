import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Docker from 'dockerode';
import {
  describeObject,
  type SandglassLabels,
  toDockerLabels,
} from '../../electron/engine/docker/labels';
import { homeIdentity } from '../../electron/engine/host/homeIdentity';
import {
  snapshotImageName,
  snapshotImageReference,
} from '../../electron/engine/snapshots/snapshotImage';
import type { Dockerd } from './dockerd';
import {
  type ArchivedImage,
  baseLayers,
  configOf,
  type Layer,
  layerOf,
  loadImages,
} from './imageArchive';

/** Labels and layers of one of the snapshots. */
interface PlannedSnapshot {
  labels: SandglassLabels;
  layers: Layer[];
}

const HOUR_MS = 3_600_000;

/** Loading more takes the daemon minutes: with each image it rewrites the file of all tags. */
const MAX_LOADED = 200;

/**
 * Adds snapshots of a home to a daemon that has the tests' busybox. They boot, and share a few layers in
 * different ways. The app finds them by their labels when it next reads Docker's images. For more than
 * `MAX_LOADED` the daemon is restarted.
 */
export async function manySnapshots(daemon: Dockerd, home: string, count: number): Promise<void> {
  const docker = new Docker({ socketPath: daemon.host.replace('unix://', '') });
  const base = await baseLayers(docker);
  const planned = plan(homeIdentity(home), count, base, await ownLayers());
  const isLarge = count > MAX_LOADED;
  await loadImages(docker, (isLarge ? oneOfEachChain(planned) : planned).map(archived));
  if (!isLarge) return;
  const { Driver } = await docker.info();
  await daemon.shutDown();
  await writeImages(join(daemon.folder, 'data/image', Driver), planned);
  await daemon.restart();
}

/** A subset that has every chain of layers. */
function oneOfEachChain(planned: PlannedSnapshot[]): PlannedSnapshot[] {
  const chainOf = ({ layers }: PlannedSnapshot) => layers.map(({ diffId }) => diffId).join();
  return [...new Map(planned.map((one) => [chainOf(one), one])).values()];
}

/** Writes the daemon's own files: a configuration for each image by its hash, and one file of all tags. */
async function writeImages(store: string, planned: PlannedSnapshot[]): Promise<void> {
  const file = join(store, 'repositories.json');
  const tags = JSON.parse(await readFile(file, 'utf8')) as {
    Repositories: Record<string, Record<string, string>>;
  };
  for (const snapshot of planned) {
    const { labels } = snapshot;
    const { config, hash } = configOf(archived(snapshot));
    await writeFile(join(store, 'imagedb/content/sha256', hash), config);
    const repository = snapshotImageName(labels.name);
    tags.Repositories[repository] = {
      ...tags.Repositories[repository],
      [snapshotImageReference(labels)]: `sha256:${hash}`,
    };
  }
  await writeFile(file, JSON.stringify(tags));
}

function archived({ labels, layers }: PlannedSnapshot): ArchivedImage {
  return {
    tag: snapshotImageReference(labels),
    layers,
    created: new Date(labels.createdAt).toISOString(),
    labels: toDockerLabels(labels),
  };
}

/** Names as in real teams; the first of a family is built, the others are captured from it. */
const FAMILIES = [
  { name: 'python', image: 'python:3.12-slim', next: ['deps', 'data', 'tests', 'bench', 'ml'] },
  { name: 'api-server', image: 'node:22-bookworm', next: ['installed', 'seeded', 'bug-418'] },
  {
    name: 'etl',
    image: 'ghcr.io/company/etl:2026.11',
    next: ['monday', 'repaired', 'full', 'small'],
  },
  { name: 'research', image: 'debian:bookworm', next: [] },
  { name: 'web', image: 'node:22-alpine', next: ['ready', 'a11y'] },
  {
    name: 'agents/coder',
    image: 'ubuntu:24.04',
    next: ['tools', 'repo', 'repo-built', 'repo-green'],
  },
] as const;

/** Plans families of snapshots, some with tags, notes and labels; the same for the same home and count. */
function plan(home: string, count: number, base: Layer[], own: Layer[]): PlannedSnapshot[] {
  const planned: PlannedSnapshot[] = [];
  const now = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
  for (let round = 0; planned.length < count; round += 1) {
    const family = pick(FAMILIES, round);
    const turn = Math.floor(round / FAMILIES.length);
    let parent: PlannedSnapshot | null = null;
    for (const [step, suffix] of ['', ...family.next].entries()) {
      if (planned.length === count) break;
      const index = planned.length;
      const id = idOf(`${home} ${index}`);
      const root = turn === 0 ? family.name : `${family.name}-${turn}`;
      const labels = describeObject({
        kind: 'snapshot',
        home,
        id,
        name: suffix ? `${root}-${suffix}` : root,
        // The first are the newest: a page of 10,000 then shows the same as one of 40.
        createdAt: now - (round + 1) * 7 * HOUR_MS + step * HOUR_MS,
        tag: suffix ? null : `v${turn + 1}`,
        image: parent ? null : family.image,
        imageDigest: null,
        parentSnapshotId: parent?.labels.id ?? null,
        sourceSandboxId: parent ? idOf(`${id} source`) : null,
        sourceSandboxName: parent ? `${root}-box` : null,
        fsCapacityBytes: index % 4 === 0 ? 8 * 1024 ** 3 : null,
        note: index % 7 === 3 ? 'Checked by hand: all tests pass.' : '',
        labels: index % 5 === 1 ? { team: pick(['search', 'data', 'core'], index), env: 'ci' } : {},
      });
      // Families fork: not every capture is of the latest snapshot.
      const below: Layer[] = parent?.layers ?? [...base, pick(own, round)];
      const snapshot: PlannedSnapshot = {
        labels,
        layers: parent ? [...below, pick(own, round + step)] : below,
      };
      planned.push(snapshot);
      if (step % 3 !== 2) parent = snapshot;
    }
  }
  return planned;
}

/** Layers above busybox: a few folders of different kinds and sizes. */
async function ownLayers(): Promise<Layer[]> {
  const contents: Array<Record<string, number>> = [
    { 'usr/local/lib/python3.12/json': 90_000, 'usr/local/lib/python3.12/asyncio': 310_000 },
    { 'usr/local/lib/python3.12/site-packages/numpy': 900_000, 'root/.cache/pip': 60_000 },
    { 'usr/local/lib/node_modules/npm': 700_000, 'usr/local/bin': 400_000 },
    { 'srv/app/node_modules/react': 250_000, 'srv/app/node_modules/vite': 620_000 },
    { 'srv/data/2026-11': 1_400_000 },
    { 'root/project/src': 30_000, 'root/project/tests': 18_000 },
    { 'var/lib/postgresql/16/main/base': 1_100_000 },
    { 'home/app/notes': 4_000 },
    { 'opt/models': 2_000_000, 'etc/models': 1_000 },
  ];
  return await Promise.all(
    contents.map((folders, index) => layerOf(`own-${index}`, filesOf(folders))),
  );
}

/** Four files in each folder, which have its bytes together. */
function filesOf(folders: Record<string, number>): Record<string, Buffer> {
  const files = Object.entries(folders).flatMap(([folder, bytes]) =>
    ['a', 'b', 'c', 'd'].map((name): [string, Buffer] => [
      `${folder}/${name}.bin`,
      Buffer.alloc(Math.ceil(bytes / 4), name),
    ]),
  );
  return Object.fromEntries(files);
}

/** Derives an id in the form of a random UUID. */
function idOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
  ];
  return [...parts, hex.slice(20, 32)].join('-');
}

function pick<T>(from: readonly T[], index: number): T {
  const found = from[index % from.length];
  if (found === undefined) throw new Error('Nothing to pick from.');
  return found;
}
