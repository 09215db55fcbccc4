import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type Docker from 'dockerode';
import tar from 'tar-stream';
import { TEST_IMAGE } from './images';

/** A layer of a `docker save` archive. */
export interface Layer {
  name: string;
  content: Buffer;
  diffId: string;
}

export interface ArchivedImage {
  tag: string;
  layers: Layer[];
  created: string;
  labels: Record<string, string>;
}

/** Loads images into a daemon in one call. */
export async function loadImages(docker: Docker, images: ArchivedImage[]): Promise<void> {
  const loaded = await docker.loadImage(archiveOf(images), { quiet: true });
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(loaded, (error) => (error ? reject(error) : resolve()));
  });
}

/** Loads the tests' busybox with so many layers, each above it with a file of its own. */
export async function loadLayeredImage(docker: Docker, tag: string, count: number): Promise<void> {
  const base = await baseLayers(docker);
  const added = Array.from({ length: count - base.length }, (_, number) =>
    layerOf(`added-${number}`, { [`opt/layer-${number}`]: Buffer.from(`${number}\n`) }),
  );
  const layers = [...base, ...(await Promise.all(added))];
  await loadImages(docker, [{ tag, layers, created: new Date(0).toISOString(), labels: {} }]);
}

/** The layers of the tests' busybox. */
export async function baseLayers(docker: Docker): Promise<Layer[]> {
  const files = new Map<string, Buffer>();
  const extract = tar.extract();
  (await docker.getImage(TEST_IMAGE).get()).pipe(extract);
  for await (const entry of extract) files.set(entry.header.name, await buffer(entry));
  const manifest = JSON.parse(files.get('manifest.json')?.toString() ?? '[]');
  const names: string[] = manifest[0]?.Layers ?? [];
  return names.map((name) => asLayer(name, files.get(name) ?? Buffer.alloc(0)));
}

/** A layer with these files, the same for the same files. */
export async function layerOf(name: string, files: Record<string, Buffer>): Promise<Layer> {
  const pack = tar.pack();
  for (const [path, content] of Object.entries(files)) {
    pack.entry({ name: path, mtime: new Date(0) }, content);
  }
  pack.finalize();
  return asLayer(`${name}/layer.tar`, await buffer(Readable.from(pack)));
}

/** The configuration of an image, and its hash: the image's id. */
export function configOf({ labels, layers, created }: ArchivedImage) {
  const config = JSON.stringify({
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    created,
    config: {
      User: '0:0',
      Env: ['PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
      Cmd: ['/bin/sh'],
      WorkingDir: '/root',
      Labels: labels,
    },
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    history: layers.map(() => ({ created, created_by: 'sandglass' })),
  });
  return { config, hash: createHash('sha256').update(config).digest('hex') };
}

/** Layers, one configuration for each image, and the manifest. */
function archiveOf(images: ArchivedImage[]): Readable {
  const pack = tar.pack();
  const layers = new Map(images.flatMap((one) => one.layers).map((layer) => [layer.name, layer]));
  for (const { name, content } of layers.values()) pack.entry({ name }, content);
  const manifest = images.map((image) => {
    const { config, hash } = configOf(image);
    const name = `${hash}.json`;
    pack.entry({ name }, config);
    return { Config: name, RepoTags: [image.tag], Layers: image.layers.map((layer) => layer.name) };
  });
  pack.entry({ name: 'manifest.json' }, JSON.stringify(manifest));
  pack.finalize();
  return Readable.from(pack);
}

function asLayer(name: string, content: Buffer): Layer {
  return { name, content, diffId: `sha256:${createHash('sha256').update(content).digest('hex')}` };
}
