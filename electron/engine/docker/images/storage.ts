import type Docker from 'dockerode';
import pWaitFor from 'p-wait-for';
import { ignoringGone, mapped } from '../errors';
import { fromDockerLabels, kindLabel, type ObjectKind, type SandglassLabels } from '../labels';

/** An image in the list of all that are there, without those that only others are based on. */
export interface StoredImage {
  imageId: string;
  /** The names that keep it, by tag or by digest: the image goes with the last one. */
  names: string[];
  sizeBytes: number;
  labels: SandglassLabels | null;
}

/** One step in the making of an image. */
export interface HistoryStep {
  /** What tells it from another image's: the time and the command. */
  mark: string;
  comment: string;
  /** Of the layer that it made; 0 too where it made none. */
  sizeBytes: number;
}

/** What Docker itself counts, in bytes. */
export interface StorageUsage {
  layerBytes: number;
  /** What each image has in layers that another one has too. */
  images: Array<{ imageId: string; sizeBytes: number; sharedBytes: number }>;
  containers: Array<{ containerId: string; writtenBytes: number }>;
  volumes: Array<{
    name: string;
    bytes: number;
    /** Whether a container has it. */
    isUsed: boolean;
    labels: SandglassLabels | null;
  }>;
  buildCacheBytes: number;
}

interface UsageAnswer {
  LayersSize?: number;
  Images: Array<{ Id: string; Size: number; SharedSize: number }> | null;
  Containers: Array<{ Id: string; SizeRw?: number }> | null;
  Volumes: Array<{
    Name: string;
    Labels: Record<string, string> | null;
    UsageData?: { Size: number; RefCount: number };
  }> | null;
  BuildCache?: Array<{ Size: number; Shared: boolean }> | null;
}

type HistoryAnswer = Array<{
  Created: number;
  CreatedBy: string;
  Comment: string;
  Size: number;
}>;

/** Another client is having the same counted: daemons before 23 do that once at a time. */
const COUNTING = /already running/;
const COUNTING_POLL_INTERVAL_MS = 500;

/** Where Docker keeps it all, and how much that is. */
export class Storage {
  constructor(
    private readonly docker: Docker,
    /** The newest version of Docker's API whose answers these types are; null for the daemon's own. */
    private readonly apiVersion: string | null,
  ) {}

  /** Every image, whoever made it. */
  async images(): Promise<StoredImage[]> {
    const images = await mapped('The list of images', () => this.docker.listImages());
    return images.map(({ Id, RepoTags, RepoDigests, Size, Labels }) => ({
      imageId: Id,
      names: [...named(RepoTags), ...digestsBeside(named(RepoTags), named(RepoDigests))],
      sizeBytes: Size,
      labels: fromDockerLabels(Labels),
    }));
  }

  /** Every container with the image it keeps, whoever made it; readers keep none, they go before it. */
  async containers(): Promise<Array<{ containerId: string; imageId: string }>> {
    const containers = await mapped('The list of containers', () =>
      this.docker.listContainers({ all: true }),
    );
    const reader: ObjectKind = 'reader';
    return containers
      .filter(({ Labels }) => Labels[kindLabel] !== reader)
      .map(({ Id, ImageID }) => ({ containerId: Id, imageId: ImageID }));
  }

  /** The digests of an image's layers, the lowest first; null when it has gone. */
  async layersOf(imageId: string): Promise<string[] | null> {
    let layers: string[] | null = null;
    await ignoringGone(async () => {
      const image = await mapped('The image', () => this.docker.getImage(imageId).inspect());
      layers = image.RootFS?.Layers ?? [];
    });
    return layers;
  }

  /** How an image was made, the first step first; empty when it has gone. */
  async historyOf(imageId: string): Promise<HistoryStep[]> {
    let steps: HistoryStep[] = [];
    await ignoringGone(async () => {
      const history = await mapped('The image', () => this.docker.getImage(imageId).history());
      steps = (history as HistoryAnswer)
        .map(({ Created, CreatedBy, Comment, Size }) => ({
          mark: `${Created} ${CreatedBy}`,
          comment: Comment,
          sizeBytes: Size,
        }))
        .reverse();
    });
    return steps;
  }

  /**
   * Has everything counted, as `docker system df` does. The daemon walks what containers and volumes
   * have for it: never for a list.
   */
  async usage(signal: AbortSignal): Promise<StorageUsage> {
    const version = this.apiVersion ? `/v${this.apiVersion}` : '';
    const answer = (await mapped('The disk usage', () =>
      this.patiently(`${version}/system/df`, signal),
    )) as UsageAnswer;
    return {
      layerBytes: answer.LayersSize ?? 0,
      images: (answer.Images ?? []).map(({ Id, Size, SharedSize }) => ({
        imageId: Id,
        sizeBytes: Size,
        sharedBytes: Math.max(0, SharedSize),
      })),
      containers: (answer.Containers ?? []).map(({ Id, SizeRw = 0 }) => ({
        containerId: Id,
        writtenBytes: SizeRw,
      })),
      volumes: (answer.Volumes ?? []).map(({ Name, Labels, UsageData }) => ({
        name: Name,
        // -1: it is not on this disk.
        bytes: Math.max(0, UsageData?.Size ?? 0),
        isUsed: (UsageData?.RefCount ?? 0) !== 0,
        labels: fromDockerLabels(Labels),
      })),
      // What it shares with images is in their layers already.
      buildCacheBytes: (answer.BuildCache ?? [])
        .filter(({ Shared }) => !Shared)
        .reduce((total, { Size }) => total + Size, 0),
    };
  }

  /** How many bytes each volume holds, by its name. Daemons before 23 count all the rest too. */
  async volumeBytes(signal: AbortSignal): Promise<Map<string, number>> {
    const version = this.apiVersion ? `/v${this.apiVersion}` : '';
    const { Volumes: volumes } = (await mapped('The volumes', () =>
      this.patiently(`${version}/system/df?type=volume`, signal),
    )) as UsageAnswer;
    const sizes = (volumes ?? []).map(
      ({ Name, UsageData }) => [Name, UsageData?.Size ?? -1] as const,
    );
    // -1: it is not on this disk.
    return new Map(sizes.filter(([, bytes]) => bytes >= 0));
  }

  private async patiently(path: string, signal: AbortSignal): Promise<unknown> {
    const poll = async () => {
      try {
        return pWaitFor.resolveWith(await this.ask(path, signal));
      } catch (thrown) {
        if (!COUNTING.test(String(thrown)) || signal.aborted) throw thrown;
        return false;
      }
    };
    return await pWaitFor(poll, { interval: COUNTING_POLL_INTERVAL_MS });
  }

  /** A call that dockerode has only in part. */
  private ask(path: string, signal: AbortSignal): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const statusCodes = { 200: true, 500: 'server error' };
      const options = { path, method: 'GET', statusCodes, abortSignal: signal };
      this.docker.modem.dial(options as never, (error, answer) => {
        if (error) reject(error);
        else resolve(answer);
      });
    });
  }
}

/** Docker writes names for the nameless too. */
function named(names: readonly string[] | null | undefined): string[] {
  return (names ?? []).filter((name) => !name.startsWith('<none>'));
}

/** A digest in a repository that has a tag goes with that. */
function digestsBeside(tags: readonly string[], digests: readonly string[]): string[] {
  const repositories = new Set(tags.map((tag) => tag.slice(0, tag.lastIndexOf(':'))));
  return digests.filter((digest) => !repositories.has(digest.split('@', 1)[0] ?? ''));
}
