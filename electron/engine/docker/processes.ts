import { type Duplex, PassThrough, type Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import type Docker from 'dockerode';
import { mapped } from './errors';

/**
 * Marks every process of one command or terminal through its environment, which children inherit.
 * Docker has no call that ends an exec, so this is how its whole tree is found and killed.
 */
const markVariable = 'SANDGLASS_PROCESS';

/**
 * Kills everything that carries a mark, again until nothing is found, for a process may fork while
 * it is looked at. Uses only what any shell image has: sh, grep and kill.
 */
const killScript = `
i=0
while [ $i -lt 20 ]; do
  found=
  for p in /proc/[0-9]*; do
    if grep -q "${markVariable}=$1" "$p/environ" 2>/dev/null; then
      kill -"$2" "\${p#/proc/}" 2>/dev/null && found=1
    fi
  done
  [ -z "$found" ] && exit 0
  i=$((i+1))
done`;

export interface CommandSpec {
  argv: string[];
  /** A UUID that marks its processes. */
  mark: string;
  env?: Record<string, string>;
  cwd?: string;
  user?: string;
}

export interface RunningCommand {
  stdin: Duplex;
  stdout: Readable;
  stderr: Readable;
  /** Resolves when the streams have ended; null where the daemon no longer knows. */
  exitCode(): Promise<number | null>;
}

export interface RunningTerminal {
  /** Raw bytes both ways. */
  stream: Duplex;
  resize(size: { cols: number; rows: number }): Promise<void>;
  exitCode(): Promise<number | null>;
}

/** Processes inside running containers. */
export class Processes {
  constructor(private readonly docker: Docker) {}

  /** Starts a command with separate stdout and stderr. */
  async run(containerId: string, spec: CommandSpec): Promise<RunningCommand> {
    return await mapped('The command', async () => {
      const exec = await this.create(containerId, spec, false);
      const stream = await exec.start({ hijack: true, stdin: true, Tty: false });
      const stdout = new PassThrough();
      const stderr = new PassThrough();
      this.docker.modem.demuxStream(stream, stdout, stderr);
      const end = () => {
        stdout.end();
        stderr.end();
      };
      stream.once('end', end);
      stream.once('close', end);
      stream.on('error', end);
      return { stdin: stream, stdout, stderr, exitCode: () => exitCodeOf(exec) };
    });
  }

  /** Starts a command on a pseudo-terminal of the given size. */
  async openTerminal(
    containerId: string,
    spec: CommandSpec,
    size: { cols: number; rows: number },
  ): Promise<RunningTerminal> {
    return await mapped('The terminal', async () => {
      const exec = await this.create(containerId, spec, true);
      const stream = await exec.start({ hijack: true, stdin: true, Tty: true });
      const resize = async ({ cols, rows }: { cols: number; rows: number }) => {
        await mapped('The terminal', () => exec.resize({ w: cols, h: rows }));
      };
      await settleSize(() => resize(size));
      return { stream, resize, exitCode: () => exitCodeOf(exec) };
    });
  }

  /** Ends every process with this mark in the container, as root. */
  async kill(containerId: string, mark: string, signal: 'KILL' | 'HUP' = 'KILL'): Promise<void> {
    const killer = await this.run(containerId, {
      argv: ['/bin/sh', '-c', killScript, 'sh', mark, signal],
      mark: '',
      user: '0:0',
    });
    killer.stdin.end();
    killer.stdout.resume();
    killer.stderr.resume();
    await new Promise((resolve) => killer.stdout.once('end', resolve));
  }

  private async create(containerId: string, spec: CommandSpec, tty: boolean): Promise<Docker.Exec> {
    const env = { ...spec.env, ...(spec.mark ? { [markVariable]: spec.mark } : {}) };
    return await this.docker.getContainer(containerId).exec({
      Cmd: spec.argv,
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
      Tty: tty,
      Env: Object.entries(env).map(([key, value]) => `${key}=${value}`),
      WorkingDir: spec.cwd,
      User: spec.user,
    });
  }
}

/** The daemon refuses a size until the process exists, a moment after the start (moby #31223). */
async function settleSize(resize: () => Promise<void>): Promise<void> {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    try {
      await resize();
      return;
    } catch {
      await setTimeout(20 * 2 ** attempt);
    }
  }
  // It never took it: most likely the process has ended already, which its stream will tell.
}

async function exitCodeOf(exec: Docker.Exec): Promise<number | null> {
  const details = await mapped('The command', () => exec.inspect());
  return details.ExitCode;
}
