import { SandglassError } from '#shared/errors';

/** Error of dockerode, docker-modem or the socket. */
interface DockerFailure {
  statusCode?: number;
  code?: string;
  name?: string;
  message?: string;
  json?: { message?: string } | null;
}

/** Codes of a refused, failed or lost connection. */
const connectionCodes = new Set([
  'ENOENT',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'ERR_STREAM_PREMATURE_CLOSE',
]);

/** Instructions to start Docker, by platform. */
const startAdvice: Partial<Record<NodeJS.Platform, string>> = {
  darwin: 'Start Docker Desktop, OrbStack, Colima or Rancher Desktop.',
  win32: 'Start Docker Desktop or Rancher Desktop, with Linux containers.',
  linux:
    'Start Docker with "sudo systemctl start docker", or install it: https://docs.docker.com/engine/install.',
};

/** Context of a call, for its error message. */
export interface CallContext {
  /** Object of the call, as a sentence's subject: `The image python:3.12`. */
  subject: string;
  /** True for a call with credentials. */
  login?: boolean;
}

/** Maps an error of a Docker call to a SandglassError, by its status and message. */
export function fromDocker(thrown: unknown, context: CallContext): SandglassError {
  if (thrown instanceof SandglassError) return thrown;
  const failure = (thrown ?? {}) as DockerFailure;
  if (failure.name === 'AbortError') {
    return new SandglassError('cancelled', `Cancelled: ${context.subject}.`, { cause: thrown });
  }
  if (failure.statusCode === undefined) return fromConnection(failure, context);
  const message = messageOf(failure);
  return (
    fromRegistryMessage(message, context, thrown) ??
    fromStatus(failure.statusCode, message, context, thrown)
  );
}

function messageOf(failure: DockerFailure): string {
  const text = failure.json?.message ?? failure.message ?? 'no message';
  // dockerode prefixes the daemon's message with the status.
  return text.replace(/^\(HTTP code \d+\) [a-z ]+ - /, '').trim();
}

function fromConnection(failure: DockerFailure, context: CallContext): SandglassError {
  if (failure.code === 'EACCES' || failure.code === 'EPERM') {
    return new SandglassError('engine_unreachable', 'Access to the Docker socket was denied.', {
      hint: 'Add yourself to the docker group ("sudo usermod -aG docker $USER"), then log in again.',
      cause: failure,
    });
  }
  const isConnectionError =
    failure.message?.includes('socket hang up') || connectionCodes.has(failure.code ?? '');
  if (isConnectionError) {
    return new SandglassError('engine_unreachable', 'Docker does not answer.', {
      hint: startAdvice[process.platform] ?? 'Start your Docker engine.',
      cause: failure,
    });
  }
  return new SandglassError('engine_error', `${context.subject}: ${messageOf(failure)}`, {
    cause: failure,
  });
}

/**
 * Maps a registry error, which Docker reports as text only: with status 404 or 500, or inside a pull's
 * stream. Null for other messages. The phrases are those of Docker Engine 20 to 28 and Podman 4 and 5.
 */
export function fromRegistryMessage(
  message: string,
  context: CallContext,
  cause?: unknown,
): SandglassError | null {
  const text = message.toLowerCase();
  const has = (...phrases: string[]) => phrases.some((phrase) => text.includes(phrase));
  if (has('x509', 'tls:', 'certificate', 'server gave http response to https client')) {
    return new SandglassError(
      'registry_insecure',
      `${context.subject}: no secure connection to the registry. ${message}`,
      {
        hint: "Install the registry's certificate in Docker, or add the registry to insecure-registries.",
        cause,
      },
    );
  }
  if (
    has(
      'no such host',
      'i/o timeout',
      'connection refused',
      'network is unreachable',
      'dial tcp',
    ) ||
    has('context deadline exceeded', 'request canceled while waiting', 'proxyconnect', 'lookup ')
  ) {
    return new SandglassError(
      'registry_unreachable',
      `${context.subject}: the registry cannot be reached. ${message}`,
      {
        hint: 'Check the network and the registry address, or use a local image.',
        cause,
      },
    );
  }
  if (has('manifest unknown', 'manifest for', 'no such image', 'repository does not exist')) {
    return imageNotFound(context, message, cause);
  }
  if (
    has(
      'unauthorized',
      'authentication required',
      'access denied',
      'access to the resource is denied',
      'no basic auth credentials',
      'denied:',
    )
  ) {
    return new SandglassError(
      'registry_denied',
      context.login
        ? `${context.subject}: the registry refused the user name or the password. ${message}`
        : `${context.subject}: the registry refused access. ${message}`,
      {
        hint: context.login
          ? 'Check both, and whether the account has access to the image.'
          : 'Check the image name. For a private image, add its registry in Settings or use "docker login".',
        cause,
      },
    );
  }
  if (has('no space left on device')) {
    return new SandglassError('disk_full', `${context.subject}: Docker's disk is full.`, {
      hint: 'Delete snapshots or sandboxes, or run "docker system prune".',
      cause,
    });
  }
  return null;
}

function imageNotFound(context: CallContext, message: string, cause: unknown): SandglassError {
  return new SandglassError('image_not_found', `${context.subject} does not exist. ${message}`, {
    field: 'image',
    hint: 'Check the spelling and the tag, e.g. "python:3.12-slim".',
    cause,
  });
}

function fromStatus(
  status: number,
  message: string,
  context: CallContext,
  cause: unknown,
): SandglassError {
  const address = /(?:listen \w+ |Bind for )(\S+:\d+)(?::| failed)/.exec(message)?.[1];
  if (address && /address already in use|port is already allocated/.test(message)) {
    return new SandglassError(
      'conflict',
      `The port ${address} is already in use on this computer.`,
      {
        field: 'ports',
        hint: 'Choose another port, or none to use a free one.',
        cause,
      },
    );
  }
  const cpus = /Range of CPUs is from \S+ to ([\d.]+)/.exec(message)?.[1];
  if (cpus) {
    const text = `${context.subject}: Docker has ${Number(cpus)} CPUs.`;
    return new SandglassError('capacity_exceeded', text, {
      field: 'vcpus',
      hint: `Specify at most ${Number(cpus)} vcpus.`,
      cause,
    });
  }
  if (status === 400) {
    return new SandglassError('invalid_input', `${context.subject}: ${message}`, { cause });
  }
  if (status === 404) {
    return new SandglassError('not_found', `${context.subject} does not exist. ${message}`, {
      cause,
    });
  }
  if (status === 409) {
    return new SandglassError('conflict', `${context.subject}: ${message}`, { cause });
  }
  return new SandglassError('engine_error', `${context.subject}: ${message}`, {
    hint: "This is an error of Docker itself. See Docker's log for details.",
    cause,
  });
}

/** Runs a Docker call. @throws SandglassError for any error of it */
export async function mapped<T>(context: string | CallContext, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (thrown) {
    throw fromDocker(thrown, typeof context === 'string' ? { subject: context } : context);
  }
}

/** Runs a call whose object may be gone: `not_found` and `image_not_found` count as success. */
export async function ignoringGone(call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
  } catch (thrown) {
    const gone =
      thrown instanceof SandglassError &&
      (thrown.code === 'not_found' || thrown.code === 'image_not_found');
    if (!gone) throw thrown;
  }
}
