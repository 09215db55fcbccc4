import { SandglassError } from '#shared/errors';

/** The one place where Docker's statuses and messages become errors of ours. */

interface DockerFailure {
  statusCode?: number;
  code?: string;
  name?: string;
  message?: string;
  json?: { message?: string } | null;
}

/** Errors of the socket itself: nobody answers, or the connection was cut. */
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

/** How Docker is started where the app runs. */
const startAdvice: Partial<Record<NodeJS.Platform, string>> = {
  darwin: 'Start Docker Desktop, OrbStack, Colima or Rancher Desktop.',
  win32: 'Start Docker Desktop or Rancher Desktop, with Linux containers.',
  linux:
    'Start Docker with "sudo systemctl start docker", or install it: https://docs.docker.com/engine/install.',
};

/** What a call was about, to word the error of it. */
export interface CallContext {
  /** The thing it works on, for people: `image python:3.12`, `sandbox setup-box`. */
  subject: string;
  /** A user name and password were sent along. */
  login?: boolean;
}

/** Any failure of a call to Docker as a SandglassError. */
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
  // dockerode puts this before what the daemon said.
  return text.replace(/^\(HTTP code \d+\) [a-z ]+ - /, '').trim();
}

function fromConnection(failure: DockerFailure, context: CallContext): SandglassError {
  if (failure.code === 'EACCES' || failure.code === 'EPERM') {
    return new SandglassError('engine_unreachable', 'Docker refused access to its socket.', {
      hint: 'Add yourself to the docker group ("sudo usermod -aG docker $USER"), then log in again.',
      cause: failure,
    });
  }
  const cut =
    failure.message?.includes('socket hang up') || connectionCodes.has(failure.code ?? '');
  if (cut) {
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
 * Registry failures come as prose, some with status 404 or 500, some inside a pull's stream.
 * The phrases are those of the distribution client in Docker Engine 20 to 28 and of Podman 4 and 5.
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
      `${context.subject}: no trusted connection to the registry. ${message}`,
      {
        hint: "Install the registry's certificate in Docker, or list it as insecure there.",
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
        hint: 'Check the network and the registry address, or use an image that is here already.',
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
          ? 'Check both, and that this account may read the image.'
          : 'Check the image name; a private one needs a login: add its registry in Settings, or use "docker login".',
        cause,
      },
    );
  }
  if (has('no space left on device')) {
    return new SandglassError('disk_full', `${context.subject}: the disk of Docker is full.`, {
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
  const taken = /(?:listen \w+ |Bind for )(\S+:\d+)(?::| failed)/.exec(message)?.[1];
  if (taken && /address already in use|port is already allocated/.test(message)) {
    return new SandglassError('conflict', `The port ${taken} is taken on this computer.`, {
      field: 'ports',
      hint: 'Choose another one, or none to have a free one found.',
      cause,
    });
  }
  const cpus = /Range of CPUs is from \S+ to ([\d.]+)/.exec(message)?.[1];
  if (cpus) {
    const said = `${context.subject}: Docker has ${Number(cpus)} CPUs.`;
    return new SandglassError('capacity_exceeded', said, {
      field: 'vcpus',
      hint: `Give at most ${Number(cpus)} vcpus.`,
      cause,
    });
  }
  if (status === 400) {
    return new SandglassError('invalid_input', `${context.subject}: ${message}`, { cause });
  }
  if (status === 404) {
    return new SandglassError('not_found', `${context.subject} is not there. ${message}`, {
      cause,
    });
  }
  if (status === 409) {
    return new SandglassError('conflict', `${context.subject}: ${message}`, { cause });
  }
  return new SandglassError('engine_error', `${context.subject}: ${message}`, {
    hint: 'Docker itself failed. Its own log says more.',
    cause,
  });
}

/** Runs a call to Docker and gives its failure the words of ours. */
export async function mapped<T>(about: string | CallContext, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (thrown) {
    throw fromDocker(thrown, typeof about === 'string' ? { subject: about } : about);
  }
}

/** Does a call whose object may be gone already: `not_found` is success. */
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
