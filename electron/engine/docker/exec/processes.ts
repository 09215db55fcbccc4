import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import type Docker from 'dockerode';
import pWaitFor from 'p-wait-for';
import type { PauseGate } from '../containers';
import { retryOnStalePause } from '../containers';
import { mapped } from '../errors';
import { demux, type OutputChunk } from './demux';

/**
 * Marks every process of one command or terminal through its environment, which children inherit.
 * Docker has no call that ends an exec, so this is how its whole tree is found and killed.
 */
const markVariable = 'SANDGLASS_PROCESS';

/** Stands behind each mark: what has another one was left by an app that was killed. */
const thisRun = randomUUID();

/** By number: a minimal image may have no user database. */
const ROOT = '0:0';

/**
 * Kills everything that carries a mark, again until nothing is found (so many times at most), for a
 * process may fork while it is looked at. Uses only what any shell image has: sh, grep and kill.
 *
 * The root of a container has no right to read another user's environment (that takes
 * CAP_SYS_PTRACE): whose could not be read is printed as `uid:gid`, to be looked at as that user.
 */
const killScript = `
i=0
while [ $i -lt "$3" ]; do
  found=
  for p in /proc/[0-9]*; do
    grep -q "${markVariable}=$1" "$p/environ" 2>/dev/null
    case $? in
      0) kill -"$2" "\${p#/proc/}" 2>/dev/null && found=1 ;;
      1) ;;
      *)
        [ $i -gt 0 ] || while read -r key id rest; do
          [ "$key" = Uid: ] && user=$id
          [ "$key" = Gid: ] && echo "$user:$id"
        done 2>/dev/null <"$p/status" ;;
    esac
  done
  [ -z "$found" ] && exit 0
  i=$((i+1))
done`;

/**
 * Prints the environment of every command and terminal that another run of the app has started and that
 * is still at work. Docker puts the first process of each into the sandbox from outside: it has no
 * parent there. What an ended one has left running, a server for example, has one.
 */
const abandonedScript = `
for p in /proc/[0-9]*; do
  parent=
  while read -r key id rest; do
    [ "$key" = PPid: ] && parent=$id
    [ "$key" = Uid: ] && user=$id
    [ "$key" = Gid: ] && group=$id
  done 2>/dev/null <"$p/status"
  [ "$parent" = 0 ] || continue
  grep -q "${markVariable}=" "$p/environ" 2>/dev/null
  case $? in
    0) grep -q "${markVariable}=[^.]*.$1" "$p/environ" || cat "$p/environ" ;;
    1) ;;
    *) echo "$user:$group" ;;
  esac
done`;

/** A busy daemon takes seconds to start a command; one that takes longer hangs, and is not waited for. */
const START_POLL_ATTEMPTS = 1000;
const PID_POLL_ATTEMPTS = 20;
const POLL_INTERVAL_MS = 10;

export type ProcessSignal = 'KILL' | 'TERM' | 'INT' | 'HUP';

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
  /** Both streams, in the order of their coming. */
  output: AsyncGenerator<OutputChunk, void, void>;
  /** Resolves when the streams have ended; null where the daemon no longer knows. */
  exitCode(): Promise<number | null>;
  /** Of its first process, as the daemon's host counts it; 0 when that has ended. */
  pid(): Promise<number>;
}

export interface RunningTerminal {
  /** Raw bytes both ways. */
  stream: Duplex;
  resize(size: { cols: number; rows: number }): Promise<void>;
  exitCode(): Promise<number | null>;
  pid(): Promise<number>;
}

/** Processes inside running containers. */
export class Processes {
  constructor(
    private readonly docker: Docker,
    private readonly gate: PauseGate,
  ) {}

  /** Starts a command with separate stdout and stderr. */
  async run(containerId: string, spec: CommandSpec): Promise<RunningCommand> {
    return await mapped('The command', async () => {
      const { exec, stream } = await this.start(containerId, spec, false);
      // What an error means is told by the end of the output.
      stream.on('error', () => {});
      return {
        stdin: stream,
        output: demux(stream),
        exitCode: () => exitCodeOf(exec),
        pid: () => pidOf(exec),
      };
    });
  }

  /** Runs a short command to its end. For the engine's own use inside a sandbox. */
  async runToEnd(
    containerId: string,
    argv: string[],
    user = ROOT,
  ): Promise<{ stdout: Buffer; stderr: string; exitCode: number | null }> {
    const running = await this.run(containerId, { argv, mark: '', user });
    running.stdin.end();
    const chunks = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
    for await (const { name, chunk } of running.output) chunks[name].push(chunk);
    return {
      stdout: Buffer.concat(chunks.stdout),
      stderr: Buffer.concat(chunks.stderr).toString('utf8'),
      exitCode: await running.exitCode(),
    };
  }

  /** Starts a command on a pseudo-terminal of the given size. */
  async openTerminal(
    containerId: string,
    spec: CommandSpec,
    size: { cols: number; rows: number },
  ): Promise<RunningTerminal> {
    return await mapped('The terminal', async () => {
      const { exec, stream } = await this.start(containerId, spec, true);
      const resize = async ({ cols, rows }: { cols: number; rows: number }) => {
        await mapped('The terminal', () => exec.resize({ w: cols, h: rows }));
      };
      // A busy daemon takes seconds until there is a process, and until then it refuses a size.
      await hasStarted(exec);
      await settleSize(() => resize(size));
      return { stream, resize, exitCode: () => exitCodeOf(exec), pid: () => pidOf(exec) };
    });
  }

  /**
   * Ends every process with this mark in the container, whoever it runs as. A signal that they may
   * handle is sent once.
   */
  async kill(containerId: string, mark: string, signal: ProcessSignal = 'KILL'): Promise<void> {
    const rounds = signal === 'KILL' ? 20 : 1;
    await this.asEveryone(containerId, killScript, mark, signal, String(rounds));
  }

  /** Ends the commands and terminals that an app which was killed has left at work in the container. */
  async killAbandoned(containerId: string): Promise<void> {
    const environments = await this.asEveryone(containerId, abandonedScript, thisRun);
    const marks = environments.matchAll(new RegExp(`^${markVariable}=([0-9a-f-]+)`, 'gm'));
    for (const mark of new Set([...marks].map(([, found]) => found ?? ''))) {
      await this.kill(containerId, mark);
    }
  }

  /**
   * Runs a script as root and then as everyone whose `uid:gid` it has printed. Returns what it printed,
   * in lines: a NUL is taken for the end of one.
   */
  private async asEveryone(
    containerId: string,
    script: string,
    ...args: string[]
  ): Promise<string> {
    const argv = ['/bin/sh', '-c', script, 'sh', ...args];
    const run = async (user: string) => {
      const { stdout } = await this.runToEnd(containerId, argv, user);
      return stdout.toString().replaceAll('\0', '\n');
    };
    let said = await run(ROOT);
    for (const user of new Set(said.match(/^\d+:\d+$/gm))) said += await run(user);
    return said;
  }

  private async start(
    containerId: string,
    spec: CommandSpec,
    tty: boolean,
  ): Promise<{ exec: Docker.Exec; stream: Duplex }> {
    return await this.gate.whileRunning(containerId, async () => {
      const exec = await this.create(containerId, spec, tty);
      const stream = await exec.start({ hijack: true, stdin: true, Tty: tty });
      // The daemon answers before there is a process.
      stream.once(
        'close',
        this.gate.expect(containerId, () => hasStarted(exec)),
      );
      return { exec, stream };
    });
  }

  private async create(containerId: string, spec: CommandSpec, tty: boolean): Promise<Docker.Exec> {
    const env = {
      ...spec.env,
      ...(spec.mark ? { [markVariable]: `${spec.mark}.${thisRun}` } : {}),
    };
    const options = {
      Cmd: spec.argv,
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
      Tty: tty,
      Env: Object.entries(env).map(([key, value]) => `${key}=${value}`),
      WorkingDir: spec.cwd,
      User: spec.user,
    };
    return await retryOnStalePause(() => this.docker.getContainer(containerId).exec(options));
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

/** Resolves when the daemon has put a command's process into its container, or could not. */
async function hasStarted(exec: Docker.Exec): Promise<void> {
  let attempts = 0;
  const poll = async () => {
    const found = await exec.inspect().catch(() => null);
    attempts += 1;
    const isKnown = !found || found.Pid > 0 || found.ExitCode !== null;
    return isKnown || attempts === START_POLL_ATTEMPTS;
  };
  await pWaitFor(poll, { interval: POLL_INTERVAL_MS });
}

/** The daemon knows it a moment after the start, and no longer when the process has ended. */
async function pidOf(exec: Docker.Exec): Promise<number> {
  let attempts = 0;
  const poll = async () => {
    const { Pid, ExitCode } = await mapped('The command', () => exec.inspect());
    attempts += 1;
    const isFinal = Pid > 0 || ExitCode !== null || attempts === PID_POLL_ATTEMPTS;
    return isFinal && pWaitFor.resolveWith(Pid);
  };
  return await pWaitFor(poll, { interval: POLL_INTERVAL_MS });
}
