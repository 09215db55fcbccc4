import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { SandglassError } from '#shared/errors';
import type { PauseGate } from '../containers';
import { type CallContext, fromDocker, fromRegistryMessage, ignoringGone, mapped } from '../errors';
import { type UploadOptions, uploadStream } from '../files';
import {
  builderLabels,
  fromDockerLabels,
  ownedBy,
  type SandglassLabels,
  toDockerLabels,
} from '../labels';
import { type PullEvent, PullProgress, type PullReport } from './pullProgress';

const rootUser = '0:0';
/** What images that were committed here say of themselves, even where others have built on them. */
export const COMMIT_COMMENT = 'Sandglass snapshot';

/** A login for one registry. */
export interface RegistryLogin {
  /** Its address, as in an image reference or as a URL. */
  server: string;
  username: string;
  password: string;
}

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
      env: parseEnv(image.Config?.Env ?? []),
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
   * Pulls an image. Aborting the signal ends the pull in the daemon too.
   *
   * @throws SandglassError `image_not_found`, `registry_denied`, `registry_unreachable`,
   * `registry_insecure`, `disk_full`, `cancelled`
   */
  async pull(
    reference: string,
    options: {
      signal: AbortSignal;
      onProgress: (report: PullReport) => void;
      login: RegistryLogin | null;
    },
  ): Promise<void> {
    const subject = `The image ${reference}`;
    const { signal, onProgress, login } = options;
    const context = { subject, login: login !== null };
    await mapped(context, async () => {
      const stream = await this.docker.createImage(login ? authOf(login) : undefined, {
        fromImage: withDefaultTag(reference),
        abortSignal: signal,
      });
      const progress = new PullProgress();
      const cancelled = new Promise<never>((_, reject) => {
        const onAbort = () => reject(new SandglassError('cancelled', `Cancelled: ${subject}.`));
        signal.addEventListener('abort', onAbort, { once: true });
      });
      const events = this.follow<PullEvent>(stream, context, (event) =>
        onProgress(progress.add(event)),
      );
      await Promise.race([events, cancelled]);
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
          Env: Object.entries(image.env).map(([key, value]) => `${key}=${value}`),
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

  /**
   * Makes one image of a single layer from a whole filesystem as a tar archive, without any configuration.
   * Returns its id; it has no tag, only labels to know a left-over by.
   */
  async flatten(files: Readable, labels: SandglassLabels, signal: AbortSignal): Promise<string> {
    const marks = Object.entries(builderLabels(labels));
    return await this.importFilesystem(
      files,
      marks.map(([key, value]) => `LABEL ${key}=${value}`),
      { signal },
    );
  }

  /** Reads a stream of progress to its end: what went wrong comes within it, with status 200. */
  private follow<T extends { error?: string }>(
    stream: NodeJS.ReadableStream,
    context: CallContext,
    onEvent?: (event: T) => void,
  ): Promise<T[]> {
    return new Promise((resolve, reject) => {
      const onEnd = (error: Error | null, events: T[]) => {
        const message = error?.message ?? events.find((event) => event.error)?.error;
        if (message === undefined) return resolve(events);
        reject(
          fromRegistryMessage(message, context, error) ??
            fromDocker({ statusCode: 500, message }, context),
        );
      };
      this.docker.modem.followProgress(stream, onEnd, onEvent);
    });
  }

  /** An image of one layer from a tar of a root filesystem. Returns its id; it has no tag. */
  async importFilesystem(files: Readable, changes: string[], sent: UploadOptions): Promise<string> {
    const imageId = await mapped('The filesystem', () =>
      uploadStream(files, sent, async (body, abortSignal) => {
        const progress = await this.docker.importImage(body, { changes, abortSignal } as object);
        const events = await this.follow<PullEvent>(progress, { subject: 'The filesystem' });
        const told = events.at(-1)?.status;
        if (!told) throw new Error('The import told no image.');
        return told;
      }),
    );
    if (!sent.signal.aborted) return imageId;
    await this.remove(imageId);
    throw sent.signal.reason;
  }

  /**
   * Reads a `docker save` archive. Returns the tags or ids of what was in it: when it is cancelled, too, if
   * Docker had all of it by then.
   */
  async load(archive: Readable, sent: UploadOptions): Promise<string[]> {
    return await mapped('The archive', async () => {
      const events = await uploadStream(archive, sent, async (body, abortSignal) => {
        const options = { quiet: true, abortSignal } as object;
        return await this.follow<{ stream?: string; error?: string }>(
          await this.docker.loadImage(body as never, options),
          { subject: 'The archive' },
        );
      });
      const said = events.map(({ stream }) => stream ?? '').join('');
      return [...said.matchAll(/^Loaded image(?: ID)?: (\S+)$/gm)].map(([, name]) => name ?? '');
    });
  }

  /** An image with all its layers, as a `docker save` archive. */
  async save(reference: string): Promise<NodeJS.ReadableStream> {
    return await mapped(`The image ${reference}`, () => this.docker.getImage(reference).get());
  }

  /** Logs in to a registry, which remembers nothing of it. @throws SandglassError `registry_*` */
  async checkLogin(login: RegistryLogin): Promise<void> {
    const auth = authOf(login);
    await mapped({ subject: `The registry ${login.server}`, login: true }, () =>
      this.docker.checkAuth(auth),
    );
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

/** As the daemon wants it. Docker Hub's own address is a relic of its first version. */
function authOf({ server, username, password }: RegistryLogin) {
  const isHub = /^(https?:\/\/)?((registry-1|index)\.)?docker\.io(\/|$)/.test(server);
  const serveraddress = isHub ? 'https://index.docker.io/v1/' : server;
  return { username, password, serveraddress };
}

/** Without a tag the daemon would pull every tag there is. */
export function withDefaultTag(reference: string): string {
  if (reference.includes('@')) return reference;
  return reference.lastIndexOf(':') > reference.lastIndexOf('/')
    ? reference
    : `${reference}:latest`;
}

function parseEnv(lines: string[]): Record<string, string> {
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf('=');
      return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
    }),
  );
}

function asList(value: string | string[] | null | undefined): string[] | null {
  if (value === null || value === undefined || value.length === 0) return null;
  return typeof value === 'string' ? [value] : value;
}
