/** An image with its layers. */
export interface LayeredImage {
  imageId: string;
  /** Chain ids of its layers, the lowest first. Equal chain ids are one layer on the disk. */
  chain: readonly string[];
  sizeBytes: number;
}

/** The last common layer of two images that is not the top layer of any image. */
export interface Fork {
  chainId: string;
  /** Number of common layers. */
  depth: number;
  /** Two images that differ above it. */
  between: [LayeredImage, LayeredImage];
}

/** Consecutive layers of the same images. */
interface Segment {
  bytes: number;
  /** Number of images that contain it. */
  images: number;
}

/** Tree of the layers of all images, with the bytes of each segment. */
export class LayerTree {
  private readonly segments = new Map<string, Segment>();
  /** Segments of each image, the lowest first, identified by the chain ids of their top layers. */
  private readonly paths = new Map<string, string[]>();

  /** @param bytesUpTo total bytes of the layers up to a chain id, for forks and top layers */
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

  /** Returns the bytes of the layers that only these images contain. */
  freedBy(imageIds: Iterable<string>): number {
    let freed = 0;
    for (const [end, count] of this.countIn(imageIds)) {
      const segment = this.segments.get(end);
      if (segment?.images === count) freed += segment.bytes;
    }
    return freed;
  }

  /** Returns the bytes of these images, counting each layer once. */
  bytesOf(imageIds: Iterable<string>): number {
    let bytes = 0;
    for (const end of this.countIn(imageIds).keys()) bytes += this.segments.get(end)?.bytes ?? 0;
    return bytes;
  }

  /** Counts these images by segment. */
  private countIn(imageIds: Iterable<string>): Map<string, number> {
    const counts = new Map<string, number>();
    for (const imageId of new Set(imageIds)) {
      for (const end of this.paths.get(imageId) ?? []) counts.set(end, (counts.get(end) ?? 0) + 1);
    }
    return counts;
  }
}

/** Finds the forks, whose bytes no image's total size reveals. */
export function forksOf(images: readonly LayeredImage[]): Fork[] {
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

/** Returns each image's highest shared layer; null if it shares none. */
export function deepestShared(images: readonly LayeredImage[]): Map<string, string | null> {
  const counts = countImages(images);
  return new Map(
    images.map(({ imageId, chain }) => [
      imageId,
      chain.findLast((chainId) => (counts.get(chainId) ?? 0) > 1) ?? null,
    ]),
  );
}

/** Counts images by chain id. */
function countImages(images: readonly LayeredImage[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { chain } of images) {
    for (const chainId of chain) counts.set(chainId, (counts.get(chainId) ?? 0) + 1);
  }
  return counts;
}

/** Returns the top layers of an image's segments. */
function segmentEnds(chain: readonly string[], counts: ReadonlyMap<string, number>): string[] {
  return chain.filter((chainId, index) => {
    const next = chain[index + 1];
    return next === undefined || counts.get(chainId) !== counts.get(next);
  });
}
