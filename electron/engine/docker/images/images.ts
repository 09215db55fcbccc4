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

const rootUser = '0:0';
/** What images that were committed here say of themselves, even where others have built on them. */
export const COMMIT_COMMENT = 'Sandglass snapshot';

/** What an image is and how it wants its commands to run. */
export interface ImageDetails {
  imageId: string;
  tags: string[];
  /** `name@sha256:…` as the registry knows it; null for an image made here. */
  repoDigest: string | null;
  platform: string;
  sizeBytes: number;
  user: string | null;
  workDir: string | null;
  env: Record<string, string>;
  entrypoint: string[] | null;
  command: string[] | null;
  /** The digests of its filesystem layers, the lowest first; the daemon's limit is 127. */
  layers: string[];
  /** Whether it declares volumes, whose contents no commit would keep. */
  hasVolumes: boolean;
  labels: SandglassLabels | null;
}

/** An image in a listing: cheap, without its configuration. */
export interface LabelledImage {
  imageId: string;
  tags: string[];
  labels: SandglassLabels;
}

/** Docker's images, in our terms. */
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

  /** The image, or null where it is not here. */
  async find(reference: string): Promise<ImageDetails | null> {
    let found: ImageDetails | null = null;
    await ignoringGone(async () => {
      found = await this.inspect(reference);
    });
    return found;
  }

  /**
   * Every image that this home made and that nothing else is based on, or those of one snapshot or
   * sandbox.
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
   * Commits a container's filesystem as an image with the given labels.
   *
   * The container is paused for the moment of reading; one that was paused already stays so (the
   * daemon sees to that). What lies in volumes is left out.
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
        // As a body and not as Dockerfile changes: JSON needs no quoting of labels.
        _query: {
          container: containerId,
          repo: image.repository,
          tag: image.tag,
          comment: `${COMMIT_COMMENT} ${image.labels.name}`,
          pause: true,
        },
        _body: {
          Labels: toDockerLabels(image.labels),
          // By number: a minimal image may have no user database to find "root" in.
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

  /** Commits a container as an image without a name, with only labels to know a left-over by. */
  async commitCopy(containerId: string, labels: SandglassLabels): Promise<string> {
    const result = await mapped(`The commit of ${labels.name}`, () =>
      this.commitContainer(containerId, {
        _query: { container: containerId, pause: true },
        _body: { Labels: builderLabels(labels) },
      }),
    );
    return (result as { Id: string }).Id;
  }

  /** The daemon pauses a container for its commit. */
  private commitContainer(containerId: string, options: object): Promise<unknown> {
    const container = this.docker.getContainer(containerId);
    return this.gate.pausing(containerId, () => container.commit(options));
  }

  /** Every tag there is, with the id of its image. */
  async tags(): Promise<Map<string, string>> {
    const images = await mapped('The list of images', () => this.docker.listImages());
    return new Map(
      images.flatMap(({ Id, RepoTags }) => (RepoTags ?? []).map((tag) => [tag, Id] as const)),
    );
  }

  /** Gives an image a tag, taking it from the one that has it. */
  async tag(image: string, reference: string): Promise<void> {
    const colon = reference.lastIndexOf(':');
    const name = { repo: reference.slice(0, colon), tag: reference.slice(colon + 1) };
    await mapped(`The image ${reference}`, () => this.docker.getImage(image).tag(name));
  }

  /** Removes a tag, and the image with its last one. What is gone already is fine. */
  async remove(reference: string): Promise<void> {
    await ignoringGone(() =>
      mapped(`The image ${reference}`, () => this.docker.getImage(reference).remove()),
    );
  }
}

function asList(value: string | string[] | null | undefined): string[] | null {
  if (value === null || value === undefined || value.length === 0) return null;
  return typeof value === 'string' ? [value] : value;
}
