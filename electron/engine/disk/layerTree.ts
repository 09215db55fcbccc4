/** An image with its filesystem: the chain ids of its layers, the lowest first. */
export interface LayeredImage {
  imageId: string;
  /** Each stands for a layer with all below it, so equal ones are one layer on the disk. */
  chain: readonly string[];
  sizeBytes: number;
}

/** Where images part that have all below in common, though no image ends there. */
export interface Parting {
  chainId: string;
  /** How many layers they have in common. */
  depth: number;
  /** Two that go different ways. */
  between: [LayeredImage, LayeredImage];
}

/** Layers in a row that the same images have. */
interface Segment {
  bytes: number;
  /** How many images have it. */
  images: number;
}

/** The layers of all images as the tree that they are, with the bytes of each part. */
export class LayerTree {
  private readonly segments = new Map<string, Segment>();
  /** The segments of each image, the lowest first, by the chain ids at which they end. */
  private readonly paths = new Map<string, string[]>();

  /** @param bytesUpTo what the layers up to a chain id have together, for partings and ends */
  constructor(images: readonly LayeredImage[], bytesUpTo: ReadonlyMap<string, number>) {
    const counts = countImages(images);
    for (const { imageId, chain, sizeBytes } of images) {
      const path = segmentEnds(chain, counts);
      let below = 0;
      for (const end of path) {
        const upTo = Math.max(below, bytesUpTo.get(end) ?? sizeBytes);
        this.segments.set(end, { bytes: upTo - below, images: counts.get(end) ?? 1 });
        below = upTo;
      }
      this.paths.set(imageId, path);
    }
  }

  /** What no image has any more when these have gone. */
  freedBy(imageIds: Iterable<string>): number {
    let freed = 0;
    for (const [end, count] of this.countIn(imageIds)) {
      const segment = this.segments.get(end);
      if (segment?.images === count) freed += segment.bytes;
    }
    return freed;
  }

  /** What these images have, each layer once. */
  bytesOf(imageIds: Iterable<string>): number {
    let bytes = 0;
    for (const end of this.countIn(imageIds).keys()) bytes += this.segments.get(end)?.bytes ?? 0;
    return bytes;
  }

  /** By segment, how many of these images have it. */
  private countIn(imageIds: Iterable<string>): Map<string, number> {
    const counts = new Map<string, number>();
    for (const imageId of new Set(imageIds)) {
      for (const end of this.paths.get(imageId) ?? []) counts.set(end, (counts.get(end) ?? 0) + 1);
    }
    return counts;
  }
}

/** Where images part without one of them ending there: an image's own size does not tell of it. */
export function partingsOf(images: readonly LayeredImage[]): Parting[] {
  const counts = countImages(images);
  const ends = new Set(images.map(({ chain }) => chain.at(-1)));
  const found = new Map<string, { depth: number; first: LayeredImage; other?: LayeredImage }>();
  for (const image of images) {
    for (const [index, chainId] of image.chain.entries()) {
      const next = image.chain[index + 1];
      if (ends.has(chainId) || !next || counts.get(chainId) === counts.get(next)) continue;
      const known = found.get(chainId);
      if (!known) found.set(chainId, { depth: index + 1, first: image });
      else if (known.first.chain[index + 1] !== next) known.other ??= image;
    }
  }
  return [...found].flatMap(([chainId, { depth, first, other }]) =>
    other ? [{ chainId, depth, between: [first, other] as [LayeredImage, LayeredImage] }] : [],
  );
}

/** The deepest layer that another image has too; null where they have none in common. */
export function deepestShared(images: readonly LayeredImage[]): Map<string, string | null> {
  const counts = countImages(images);
  return new Map(
    images.map(({ imageId, chain }) => [
      imageId,
      chain.findLast((chainId) => (counts.get(chainId) ?? 0) > 1) ?? null,
    ]),
  );
}

/** By chain id, how many images have that layer. */
function countImages(images: readonly LayeredImage[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { chain } of images) {
    for (const chainId of chain) counts.set(chainId, (counts.get(chainId) ?? 0) + 1);
  }
  return counts;
}

/** The layers above which others have what is below: there are no more or fewer between two of them. */
function segmentEnds(chain: readonly string[], counts: ReadonlyMap<string, number>): string[] {
  return chain.filter((chainId, index) => {
    const next = chain[index + 1];
    return next === undefined || counts.get(chainId) !== counts.get(next);
  });
}
