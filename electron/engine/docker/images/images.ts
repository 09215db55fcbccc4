import type Docker from 'dockerode';
import type { PauseGate } from '../containers';
import { parseEnvList, toEnvList } from '../env';
import { ignoringGone, mapped } from '../errors';
import {
  builderLabels,
  fromDockerLabels,
  ownedBy,
  type SandglassLabels,
  toDockerLabels,
} from '../labels';
import { removeImage } from './removeImage';

/** Root by number: a minimal image may have no user database. */
const rootUser = '0:0';
/** Comment of commits, by which a snapshot's layer is recognized in the history of other images. */
export const COMMIT_COMMENT = 'Sandglass snapshot';

/** Properties of an image and its run configuration. */
export interface ImageDetails {
  imageId: string;
  tags: string[];
  /** `name@sha256:…` of its registry; null for an image that was not pulled. */
  repoDigest: string | null;
  platform: string;
  sizeBytes: number;
  user: string | null;
  workDir: string | null;
  env: Record<string, string>;
  entrypoint: string[] | null;
  command: string[] | null;
  /** Digests of its layers (diff ids), base layer first; at most 127. */
  layers: string[];
  /** True when it declares volumes, whose contents are in no commit. */
  hasVolumes: boolean;
  labels: SandglassLabels | null;
}

/** Image as listed, without its configuration. */
export interface LabelledImage {
  imageId: string;
  tags: string[];
  labels: SandglassLabels;
}

/** Images of the daemon, in the engine's terms. */
export class Images {
  constructor(
    private readonly docker: Docker,
    private readonly gate: PauseGate,
  ) {}

  /** @throws SandglassError `image_not_found` */
  async inspect(reference: string): Promise<ImageDetails> {
    const image = await mapped(`The image ${reference}`, () =>
      this.docker.getImage(reference).inspect(),
    );
    return {
      imageId: image.Id,
      tags: image.RepoTags ?? [],
      repoDigest: image.RepoDigests?.[0] ?? null,
      platform: [image.Os, image.Architecture, image.Variant].filter(Boolean).join('/'),
      sizeBytes: image.Size,
      user: image.Config?.User === rootUser ? null : image.Config?.User || null,
      workDir: image.Config?.WorkingDir || null,
      env: parseEnvList(image.Config?.Env ?? []),
      entrypoint: asList(image.Config?.Entrypoint),
      command: asList(image.Config?.Cmd),
      layers: image.RootFS?.Layers ?? [],
      hasVolumes: Object.keys(image.Config?.Volumes ?? {}).length > 0,
      labels: fromDockerLabels(image.Config?.Labels),
    };
  }

  /** Inspects an image; null when Docker does not have it. */
  async find(reference: string): Promise<ImageDetails | null> {
    let found: ImageDetails | null = null;
    await ignoringGone(async () => {
      found = await this.inspect(reference);
    });
    return found;
  }

  /**
   * Images with this home's label, of one snapshot or sandbox or of all. Untagged parents of other images
   * are not listed.
   */
  async listOwn(home: string, id?: string): Promise<LabelledImage[]> {
    const filters = { label: ownedBy(home, id) };
    const images = await mapped('The list of images', () => this.docker.listImages({ filters }));
    return images.flatMap((image) => {
      const labels = fromDockerLabels(image.Labels);
      return labels ? [{ imageId: image.Id, tags: image.RepoTags ?? [], labels }] : [];
    });
  }

  /**
   * Commits a container's filesystem, without its volumes, as a tagged image. Returns its id.
   *
   * The daemon pauses a running container for the commit. A paused one stays paused.
   */
  async commit(
    containerId: string,
    image: {
      repository: string;
      tag: string;
      labels: SandglassLabels;
      user: string | null;
      workDir: string | null;
      env: Record<string, string>;
      entrypoint: string[] | null;
      command: string[] | null;
    },
  ): Promise<string> {
    const result = await mapped(`The commit of ${image.labels.name}`, () =>
      this.commitContainer(containerId, {
        // A body instead of Dockerfile changes: labels need no quoting.
        _query: {
          container: containerId,
          repo: image.repository,
          tag: image.tag,
          comment: `${COMMIT_COMMENT} ${image.labels.name}`,
          pause: true,
        },
        _body: {
          Labels: toDockerLabels(image.labels),
          User: image.user ?? rootUser,
          WorkingDir: image.workDir ?? '',
          Env: toEnvList(image.env),
          Entrypoint: image.entrypoint ?? [],
          Cmd: image.command ?? ['/bin/sh'],
        },
      }),
    );
    return (result as { Id: string }).Id;
  }

  /** Commits a container as an untagged image with the labels of a builder. Returns its id. */
  async commitCopy(containerId: string, labels: SandglassLabels): Promise<string> {
    const result = await mapped(`The commit of ${labels.name}`, () =>
      this.commitContainer(containerId, {
        _query: { container: containerId, pause: true },
        _body: { Labels: builderLabels(labels) },
      }),
    );
    return (result as { Id: string }).Id;
  }

  /** Waits for starting commands, because the daemon pauses the container. */
  private commitContainer(containerId: string, options: object): Promise<unknown> {
    const container = this.docker.getContainer(containerId);
    return this.gate.pausing(containerId, () => container.commit(options));
  }

  /** Image ids by tag, of all images. */
  async tags(): Promise<Map<string, string>> {
    const images = await mapped('The list of images', () => this.docker.listImages());
    return new Map(
      images.flatMap(({ Id, RepoTags }) => (RepoTags ?? []).map((tag) => [tag, Id] as const)),
    );
  }

  /** Tags an image. A tag of another image moves to it. */
  async tag(image: string, reference: string): Promise<void> {
    const colon = reference.lastIndexOf(':');
    const name = { repo: reference.slice(0, colon), tag: reference.slice(colon + 1) };
    await mapped(`The image ${reference}`, () => this.docker.getImage(image).tag(name));
  }

  /** Removes a tag, and the image with its last tag. A missing image is no error. */
  async remove(reference: string): Promise<void> {
    await removeImage(this.docker, reference);
  }
}

function asList(value: string | string[] | null | undefined): string[] | null {
  if (value === null || value === undefined || value.length === 0) return null;
  return typeof value === 'string' ? [value] : value;
}
