import { createHash } from 'node:crypto';
import pMap from 'p-map';
import type { EngineContext } from '../context';
import type { DockerApi, StorageUsage, StoredImage } from '../docker';
import { BackgroundJob } from '../lib';
import { bytesInCommon, type ImageHistory } from './historyBytes';
import { deepestShared, type Fork, forksOf, type LayeredImage, LayerTree } from './layerTree';

/** Images inspected at a time. Low, since the daemon has others to serve. */
const CONCURRENCY = 4;

/** All images of the daemon, with the sizes of their layers. */
export interface ImageStore {
  images: readonly StoredImage[];
  tree: LayerTree;
  /** Containers by the image that they use. */
  containersOf: ReadonlyMap<string, readonly string[]>;
}

/**
 * Layers of each image and their sizes. They never change, so each image is inspected once and cached in
 * the catalog; a read takes two lists from the daemon.
 */
export class ImageLayers {
  private known: Map<string, string[]> | null = null;
  /** Total bytes of the layers up to a chain id: measured by Docker, or estimated from histories. */
  private readonly counted = new Map<string, number>();
  private readonly estimated = new Map<string, number>();
  private readonly reading = new BackgroundJob(() => this.readNow(this.context.docker));

  constructor(
    private readonly context: EngineContext,
    /** Resolves when the catalog has been compared with Docker, which inspects images anyway. */
    private readonly compared: () => Promise<void>,
  ) {}

  /** Inspects no further image: thousands of them would delay the end. */
  async close(): Promise<void> {
    await this.reading.close();
  }

  /**
   * Returns a state that is read after the call.
   *
   * @throws SandglassError `engine_unreachable`, `interrupted`
   */
  read(): Promise<ImageStore> {
    return this.reading.run();
  }

  /** Caches the layers of an image that was inspected for another reason. */
  learnLayers(imageId: string, layers: readonly string[]): void {
    if (this.chains.has(imageId)) return;
    const chain = chainOf(layers);
    this.chains.set(imageId, chain);
    this.context.catalog.imageLayers.save(imageId, chain);
  }

  /** Caches sizes measured by Docker, which are exact. */
  async learn({ images }: StorageUsage): Promise<void> {
    await this.compared();
    const layered = await this.withChains(this.context.docker, images);
    const shared = new Map(images.map(({ imageId, sharedBytes }) => [imageId, sharedBytes]));
    for (const [imageId, chainId] of deepestShared(layered)) {
      if (chainId !== null) this.counted.set(chainId, shared.get(imageId) ?? 0);
    }
  }

  private get chains(): Map<string, string[]> {
    this.known ??= this.context.catalog.imageLayers.all();
    return this.known;
  }

  private async readNow(docker: DockerApi): Promise<ImageStore> {
    await this.compared();
    const [images, containers] = await Promise.all([
      docker.storage.images(),
      docker.storage.containers(),
    ]);
    const layered = await this.withChains(docker, images);
    const bytesUpTo = await this.bytesUpTo(docker, layered);
    this.evictAllBut(layered);
    const containersOf = new Map<string, string[]>();
    for (const { containerId, imageId } of containers) {
      containersOf.set(imageId, [...(containersOf.get(imageId) ?? []), containerId]);
    }
    return { images, tree: new LayerTree(layered, bytesUpTo), containersOf };
  }

  private async withChains(
    docker: DockerApi,
    images: ReadonlyArray<{ imageId: string; sizeBytes: number }>,
  ): Promise<LayeredImage[]> {
    const unknown = images.filter(({ imageId }) => !this.chains.has(imageId));
    const readLayers = async ({ imageId }: { imageId: string }) => {
      this.reading.signal.throwIfAborted();
      const image = await docker.images.find(imageId);
      if (image && !this.reading.signal.aborted) this.learnLayers(imageId, image.layers);
    };
    await pMap(unknown, readLayers, { concurrency: CONCURRENCY });
    return images.flatMap(({ imageId, sizeBytes }) => {
      const chain = this.chains.get(imageId);
      return chain ? [{ imageId, chain, sizeBytes }] : [];
    });
  }

  private async bytesUpTo(
    docker: DockerApi,
    images: readonly LayeredImage[],
  ): Promise<Map<string, number>> {
    const unknown = forksOf(images).filter(
      ({ chainId }) => !this.counted.has(chainId) && !this.estimated.has(chainId),
    );
    const compareHistories = async ({ chainId, depth, between }: Fork) => {
      this.reading.signal.throwIfAborted();
      const [one, other] = await Promise.all(between.map((image) => historyOf(docker, image)));
      if (one && other) this.estimated.set(chainId, bytesInCommon(depth, one, other));
    };
    await pMap(unknown, compareHistories, { concurrency: CONCURRENCY });
    const ends = images.map(({ chain, sizeBytes }) => [chain.at(-1) ?? '', sizeBytes] as const);
    return new Map([...this.estimated, ...ends, ...this.counted]);
  }

  private evictAllBut(images: readonly LayeredImage[]): void {
    const present = new Set(images.map(({ imageId }) => imageId));
    const gone = [...this.chains.keys()].filter((id) => !present.has(id));
    for (const id of gone) this.chains.delete(id);
    if (gone.length > 0 && !this.reading.signal.aborted)
      this.context.catalog.imageLayers.remove(gone);
    const layers = new Set(images.flatMap(({ chain }) => chain));
    for (const known of [this.counted, this.estimated]) {
      for (const chainId of known.keys()) if (!layers.has(chainId)) known.delete(chainId);
    }
  }
}

/** Computes the chain ids of an image's layers (OCI image specification, "Layer ChainID"). */
function chainOf(layers: readonly string[]): string[] {
  const chain: string[] = [];
  for (const layer of layers) {
    const below = chain.at(-1);
    const hash = () => createHash('sha256').update(`${below} ${layer}`).digest('hex');
    chain.push(below === undefined ? layer : `sha256:${hash()}`);
  }
  return chain;
}

async function historyOf(docker: DockerApi, image: LayeredImage): Promise<ImageHistory> {
  return {
    steps: await docker.storage.historyOf(image.imageId),
    layerCount: image.chain.length,
  };
}
