import type Docker from 'dockerode';
import { SandglassError } from '#shared/errors';
import { mapped } from '../errors';
import { followProgress } from './followProgress';
import { type PullEvent, PullProgress, type PullReport } from './pullProgress';

/** Credentials for one registry. */
export interface RegistryLogin {
  /** The registry's address, as in an image reference or as a URL. */
  server: string;
  username: string;
  password: string;
}

/** Registries, through the daemon: it pulls images and checks credentials. */
export class RegistryClient {
  constructor(private readonly docker: Docker) {}

  /**
   * Pulls an image. Aborting the signal also ends the pull in the daemon.
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
      const stream = await this.docker.createImage(login ? authConfig(login) : undefined, {
        fromImage: withDefaultTag(reference),
        abortSignal: signal,
      });
      const progress = new PullProgress();
      const cancelled = new Promise<never>((_, reject) => {
        const onAbort = () => reject(new SandglassError('cancelled', `Cancelled: ${subject}.`));
        signal.addEventListener('abort', onAbort, { once: true });
      });
      const events = followProgress<PullEvent>(this.docker, stream, context, (event) =>
        onProgress(progress.add(event)),
      );
      await Promise.race([events, cancelled]);
    });
  }

  /** Checks credentials with their registry; Docker stores none. @throws SandglassError `registry_*` */
  async checkLogin(login: RegistryLogin): Promise<void> {
    await mapped({ subject: `The registry ${login.server}`, login: true }, () =>
      this.docker.checkAuth(authConfig(login)),
    );
  }
}

/** Appends `:latest` to a reference without tag or digest: Docker would pull every tag otherwise. */
export function withDefaultTag(reference: string): string {
  if (reference.includes('@')) return reference;
  return reference.lastIndexOf(':') > reference.lastIndexOf('/')
    ? reference
    : `${reference}:latest`;
}

/** The API's AuthConfig. Docker Hub is addressed by its version 1 URL (moby registry.IndexServer). */
function authConfig({ server, username, password }: RegistryLogin) {
  const isHub = /^(https?:\/\/)?((registry-1|index)\.)?docker\.io(\/|$)/.test(server);
  const serveraddress = isHub ? 'https://index.docker.io/v1/' : server;
  return { username, password, serveraddress };
}
