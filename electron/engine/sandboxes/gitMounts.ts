import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { promisify } from 'node:util';
import type { GitMount } from '#shared/contract/schemas/gitMount';
import { SandglassError } from '#shared/errors';
import type { EngineContext } from '../context';
import { findAccount } from '../docker';
import type { TaskControl } from '../tasks';

const runFile = promisify(execFile);

/** Options of git: no credentials, hooks or filters; a timeout of a minute for a silent server. */
const hardening = [
  ...['-c', 'credential.helper='],
  ...['-c', 'core.hooksPath=/dev/null', '-c', 'core.fsmonitor=false', '-c', 'core.autocrlf=false'],
  ...['-c', 'filter.lfs.smudge=', '-c', 'filter.lfs.process=', '-c', 'filter.lfs.required=false'],
  ...['-c', 'http.lowSpeedLimit=1', '-c', 'http.lowSpeedTime=60'],
  ...['-c', 'protocol.allow=never'],
];

/** Environment without GIT_ variables, which would select another repository. */
function environment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'));
  return { ...Object.fromEntries(own), GIT_TERMINAL_PROMPT: '0', GCM_INTERACTIVE: 'never' };
}

/** Clones on this computer, to be copied into a sandbox. */
export interface ClonedMounts {
  /** Copies the clones to their mount paths in a running sandbox, owned by its user. */
  putInto(containerId: string, user: string | null, control: TaskControl): Promise<void>;
  /** Removes the clones from this computer. */
  remove(): Promise<void>;
}

/**
 * Initial repositories of a sandbox, cloned on this computer and copied into volumes of the sandbox.
 * Volumes are not part of captures.
 */
export class GitMounts {
  constructor(
    private readonly context: EngineContext,
    /** URL schemes that may be cloned from, without the colon. */
    private readonly protocols: readonly string[],
  ) {}

  /** @throws SandglassError `invalid_input` for a remote with another protocol */
  check(mounts: GitMount[]): void {
    for (const { remoteUrl } of mounts) {
      const scheme = URL.canParse(remoteUrl) ? new URL(remoteUrl).protocol.slice(0, -1) : '';
      if (this.protocols.includes(scheme)) continue;
      throw new SandglassError('invalid_input', `remoteUrl: ${remoteUrl} is not an HTTPS URL.`, {
        field: 'remoteUrl',
        hint: 'Use the HTTPS URL of a public repository.',
      });
    }
  }

  /** @throws SandglassError `mount_failed`, `cancelled` */
  async clone(mounts: GitMount[], control: TaskControl): Promise<ClonedMounts> {
    const folder = await mkdtemp(join(tmpdir(), 'sandglass-mounts-'));
    const remove = () => rm(folder, { recursive: true, force: true });
    const placed = mounts.map((mount, i) => ({ mount, parent: join(folder, String(i)) }));
    try {
      for (const { mount, parent } of placed) {
        control.step(`Cloning ${mount.remoteUrl}`);
        await mkdir(parent);
        await this.fetch(mount, join(parent, posix.basename(mount.mountPath)), control.signal);
      }
    } catch (thrown) {
      await remove();
      throw thrown;
    }
    return {
      remove,
      putInto: async (containerId, user, { signal, step }) => {
        const { archive } = this.context.docker;
        const owner = await findAccount(archive, containerId, user);
        for (const { mount, parent } of placed) {
          step(`Copying to ${mount.mountPath}`);
          const name = posix.basename(mount.mountPath);
          await archive.upload(
            containerId,
            { folder: posix.dirname(mount.mountPath), name, owner },
            { parent, name },
            { signal, onBytes: () => {} },
          );
        }
      },
    };
  }

  private async fetch(
    { remoteUrl, ref }: GitMount,
    folder: string,
    signal: AbortSignal,
  ): Promise<void> {
    const kind = ref?.type === 'tag' ? 'tags' : 'heads';
    const wanted = ref ? `refs/${kind}/${ref.name}` : 'HEAD';
    const allowed = this.protocols.flatMap((name) => ['-c', `protocol.${name}.allow=always`]);
    const git = async (...args: string[]) => {
      try {
        await runFile('git', [...hardening, ...allowed, ...args], { signal, env: environment() });
      } catch (cause) {
        throw signal.aborted
          ? new SandglassError('cancelled', 'Cancelled.', { cause })
          : gitError(remoteUrl, cause);
      }
    };
    await git('init', '--quiet', '--template=', folder);
    const options = ['--quiet', '--depth=1', '--no-tags', '--no-recurse-submodules'];
    await git('-C', folder, 'fetch', ...options, '--', remoteUrl, wanted);
    await git('-C', folder, 'checkout', '--quiet', '--detach', 'FETCH_HEAD');
  }
}

function gitError(remoteUrl: string, cause: unknown): SandglassError {
  const { code, stderr = '' } = cause as { code?: unknown; stderr?: string };
  if (code === 'ENOENT') {
    return new SandglassError('mount_failed', 'Git is not installed on this computer.', {
      hint: 'Install Git, or copy the files into the sandbox.',
      cause,
    });
  }
  const reason = /^fatal: (.*)$/m.exec(stderr)?.[1] ?? stderr.trim();
  return new SandglassError('mount_failed', `${remoteUrl} cannot be cloned. ${reason}`, {
    field: 'remoteUrl',
    hint: 'Check that the repository is public and has this branch or tag.',
    cause,
  });
}
