import type Docker from 'dockerode';
import pWaitFor from 'p-wait-for';
import { ignoringGone, mapped } from '../errors';
import { fromDockerLabels, kindLabel, type ObjectKind, type SandglassLabels } from '../labels';

/** Image in the list of all images, without untagged parents of others. */
export interface StoredImage {
  imageId: string;
  /** Its tags, and its digests in other repositories. Docker removes the image with the last one. */
  names: string[];
  sizeBytes: number;
  labels: SandglassLabels | null;
}

/** One step of an image's history. */
export interface HistoryStep {
  /** Identity across images: creation time and command. */
  key: string;
  comment: string;
  /** Size of its layer; 0 without one. */
  sizeBytes: number;
}

/** Disk usage as Docker measures it, in bytes. */
export interface StorageUsage {
  layerBytes: number;
  /** `sharedBytes`: layers that another image has too. */
  images: Array<{ imageId: string; sizeBytes: number; sharedBytes: number }>;
  containers: Array<{ containerId: string; writtenBytes: number }>;
  volumes: Array<{
    name: string;
    bytes: number;
    /** True when a container mounts it. */
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

/** Error of daemons before 23 while they measure for another client. */
const MEASUREMENT_RUNNING = /already running/;
const POLL_INTERVAL_MS = 500;

/** Images, layers and volumes in Docker's storage, and their sizes. */
export class Storage {
  constructor(
    private readonly docker: Docker,
    /** API version of the response types here; null for the daemon's default. */
    private readonly apiVersion: string | null,
  ) {}

  /** All images, not only this home's. */
  async images(): Promise<StoredImage[]> {
    const images = await mapped('The list of images', () => this.docker.listImages());
    return images.map(({ Id, RepoTags, RepoDigests, Size, Labels }) => ({
      imageId: Id,
      names: [...named(RepoTags), ...digestsBeside(named(RepoTags), named(RepoDigests))],
      sizeBytes: Size,
      labels: fromDockerLabels(Labels),
    }));
  }

  /**
   * All containers with the image that they keep in Docker, not only this home's. Snapshot containers are
   * left out: they are removed before their image.
   */
  async containers(): Promise<Array<{ containerId: string; imageId: string }>> {
    const containers = await mapped('The list of containers', () =>
      this.docker.listContainers({ all: true }),
    );
    const reader: ObjectKind = 'reader';
    return containers
      .filter(({ Labels }) => Labels[kindLabel] !== reader)
      .map(({ Id, ImageID }) => ({ containerId: Id, imageId: ImageID }));
  }

  /** History of an image, first step first; empty when the image is gone. */
  async historyOf(imageId: string): Promise<HistoryStep[]> {
    let steps: HistoryStep[] = [];
    await ignoringGone(async () => {
      const history = await mapped('The image', () => this.docker.getImage(imageId).history());
      steps = (history as HistoryAnswer)
        .map(({ Created, CreatedBy, Comment, Size }) => ({
          key: `${Created} ${CreatedBy}`,
          comment: Comment,
          sizeBytes: Size,
        }))
        .reverse();
    });
    return steps;
  }

  /**
   * Measures everything, as `docker system df` does. Expensive: the daemon walks the files of containers
   * and volumes.
   */
  async usage(signal: AbortSignal): Promise<StorageUsage> {
    const version = this.apiVersion ? `/v${this.apiVersion}` : '';
    const answer = (await mapped('The disk usage', () =>
      this.measure(`${version}/system/df`, signal),
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
        // -1: not available, for volumes of drivers other than `local` (Engine API, UsageData).
        bytes: Math.max(0, UsageData?.Size ?? 0),
        isUsed: (UsageData?.RefCount ?? 0) !== 0,
        labels: fromDockerLabels(Labels),
      })),
      // Shared records are part of the images' layers.
      buildCacheBytes: (answer.BuildCache ?? [])
        .filter(({ Shared }) => !Shared)
        .reduce((total, { Size }) => total + Size, 0),
    };
  }

  /** Size of volumes in bytes, by name. Daemons before 23 measure images and containers too. */
  async volumeBytes(signal: AbortSignal): Promise<Map<string, number>> {
    const version = this.apiVersion ? `/v${this.apiVersion}` : '';
    const { Volumes: volumes } = (await mapped('The volumes', () =>
      this.measure(`${version}/system/df?type=volume`, signal),
    )) as UsageAnswer;
    const sizes = (volumes ?? []).map(
      ({ Name, UsageData }) => [Name, UsageData?.Size ?? -1] as const,
    );
    // -1: not available, for volumes of drivers other than `local` (Engine API, UsageData).
    return new Map(sizes.filter(([, bytes]) => bytes >= 0));
  }

  /** Waits for the measurement of another client, which makes older daemons reject this one. */
  private async measure(path: string, signal: AbortSignal): Promise<unknown> {
    const poll = async () => {
      try {
        return pWaitFor.resolveWith(await this.request(path, signal));
      } catch (thrown) {
        if (!MEASUREMENT_RUNNING.test(String(thrown)) || signal.aborted) throw thrown;
        return false;
      }
    };
    return await pWaitFor(poll, { interval: POLL_INTERVAL_MS });
  }

  /** Calls `GET /system/df` without dockerode, which supports neither its version nor its query. */
  private request(path: string, signal: AbortSignal): Promise<unknown> {
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

/** Drops `<none>:<none>`, Docker's placeholder for a missing name. */
function named(names: readonly string[] | null | undefined): string[] {
  return (names ?? []).filter((name) => !name.startsWith('<none>'));
}

/** Digests of repositories without a tag. Docker removes the others together with the tag. */
function digestsBeside(tags: readonly string[], digests: readonly string[]): string[] {
  const repositories = new Set(tags.map((tag) => tag.slice(0, tag.lastIndexOf(':'))));
  return digests.filter((digest) => !repositories.has(digest.split('@', 1)[0] ?? ''));
}
