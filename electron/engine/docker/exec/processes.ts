import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import type Docker from 'dockerode';
import pWaitFor from 'p-wait-for';
import type { PauseGate } from '../containers';
import { retryOnStalePause } from '../containers';
import { mapped } from '../errors';
import { demux, type OutputChunk } from './demux';
import type { ExecSpec } from './execSpec';

/**
 * Environment variable with the tag of a command or terminal, inherited by its descendants. Docker has
 * no call that ends an exec: its process tree is found and killed by this tag.
 */
const TAG_VARIABLE = 'SANDGLASS_PROCESS';

/** Suffix of each tag. Processes with another suffix were left by an app that was killed. */
const RUN_ID = randomUUID();

/** Numeric, because a minimal image may have no user database. */
const ROOT = '0:0';

/**
 * Signals all processes with a tag ($1 tag, $2 signal, $3 maximum number of rounds). Repeats until a
 * round finds none, because a process may fork during a round. Needs only sh, grep and kill.
 *
 * Root of a container without CAP_SYS_PTRACE cannot read the environment of other users' processes:
 * prints `uid:gid` of each such process, for a second run as that user.
 */
const KILL_SCRIPT = `
i=0
while [ $i -lt "$3" ]; do
  found=
  for p in /proc/[0-9]*; do
    grep -q "${TAG_VARIABLE}=$1" "$p/environ" 2>/dev/null
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
 * Prints the environment of all commands and terminals that another run of the app ($1: this run) has
 * started and that still run. Docker starts the first process of each from outside the container, so
 * its parent id is 0 there. Background processes of ended commands, such as servers, have a parent.
 */
const ABANDONED_SCRIPT = `
for p in /proc/[0-9]*; do
  parent=
  while read -r key id rest; do
    [ "$key" = PPid: ] && parent=$id
    [ "$key" = Uid: ] && user=$id
    [ "$key" = Gid: ] && group=$id
  done 2>/dev/null <"$p/status"
  [ "$parent" = 0 ] || continue
  grep -q "${TAG_VARIABLE}=" "$p/environ" 2>/dev/null
  case $? in
    0) grep -q "${TAG_VARIABLE}=[^.]*.$1" "$p/environ" || cat "$p/environ" ;;
    1) ;;
    *) echo "$user:$group" ;;
  esac
done`;

/** A busy daemon takes seconds to start a command; after about 10 s it is taken to hang. */
const START_POLL_ATTEMPTS = 1000;
const PID_POLL_ATTEMPTS = 20;
const POLL_INTERVAL_MS = 10;

/** Rounds of the kill script for SIGKILL. A signal with a handler is sent once. */
const MAX_KILL_ROUNDS = 20;

const RESIZE_ATTEMPTS = 5;
const RESIZE_BACKOFF_MS = 20;

export type ProcessSignal = 'KILL' | 'TERM' | 'INT' | 'HUP';

export interface RunningCommand {
  stdin: Duplex;
  /** Both streams, in order of arrival. */
  output: AsyncGenerator<OutputChunk, void, void>;
  /** Exit code once the streams have ended; null if the sandbox was stopped meanwhile. */
  exitCode(): Promise<number | null>;
  /** Process id on the daemon's host of the first process; 0 once that has ended. */
  pid(): Promise<number>;
}

export interface RunningTerminal {
  /** Raw bytes in both directions. */
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

  /** Starts a command with separate stdout and stderr. @throws SandglassError `not_running` */
  async run(containerId: string, spec: ExecSpec): Promise<RunningCommand> {
    return await mapped('The command', async () => {
      const { exec, stream } = await this.start(containerId, spec, false);
      // The end of the output reports the failure.
      stream.on('error', () => {});
      return {
        stdin: stream,
        output: demux(stream),
        exitCode: () => exitCodeOf(exec),
        pid: () => pidOf(exec),
      };
    });
  }

  /** Runs one of the engine's own short commands to its end, by default as root. */
  async runToEnd(
    containerId: string,
    argv: string[],
    user = ROOT,
  ): Promise<{ stdout: Buffer; stderr: string; exitCode: number | null }> {
    const running = await this.run(containerId, { argv, processTag: '', user });
    running.stdin.end();
    const chunks = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
    for await (const { stream, bytes } of running.output) chunks[stream].push(bytes);
    return {
      stdout: Buffer.concat(chunks.stdout),
      stderr: Buffer.concat(chunks.stderr).toString('utf8'),
      exitCode: await running.exitCode(),
    };
  }

  /** Starts a command on a pseudo-terminal. @throws SandglassError `not_running` */
  async openTerminal(
    containerId: string,
    spec: ExecSpec,
    size: { cols: number; rows: number },
  ): Promise<RunningTerminal> {
    return await mapped('The terminal', async () => {
      const { exec, stream } = await this.start(containerId, spec, true);
      const resize = async ({ cols, rows }: { cols: number; rows: number }) => {
        await mapped('The terminal', () => exec.resize({ w: cols, h: rows }));
      };
      // The daemon refuses a size until the process exists.
      await untilStarted(exec);
      await setInitialSize(() => resize(size));
      return { stream, resize, exitCode: () => exitCodeOf(exec), pid: () => pidOf(exec) };
    });
  }

  /** Sends a signal to all processes of any user in the container that have this tag. */
  async kill(
    containerId: string,
    processTag: string,
    signal: ProcessSignal = 'KILL',
  ): Promise<void> {
    const rounds = signal === 'KILL' ? MAX_KILL_ROUNDS : 1;
    await this.runAsAllUsers(containerId, KILL_SCRIPT, processTag, signal, String(rounds));
  }

  /** Kills the commands and terminals that a killed app has left running in the container. */
  async killAbandoned(containerId: string): Promise<void> {
    const environments = await this.runAsAllUsers(containerId, ABANDONED_SCRIPT, RUN_ID);
    const tags = environments.matchAll(new RegExp(`^${TAG_VARIABLE}=([0-9a-f-]+)`, 'gm'));
    for (const tag of new Set([...tags].map(([, found]) => found ?? ''))) {
      await this.kill(containerId, tag);
    }
  }

  /**
   * Runs a script as root, then once as each user whose `uid:gid` it has printed. Returns the output of
   * all runs with NUL characters replaced by line feeds.
   */
  private async runAsAllUsers(
    containerId: string,
    script: string,
    ...args: string[]
  ): Promise<string> {
    const argv = ['/bin/sh', '-c', script, 'sh', ...args];
    const run = async (user: string) => {
      const { stdout } = await this.runToEnd(containerId, argv, user);
      return stdout.toString().replaceAll('\0', '\n');
    };
    let output = await run(ROOT);
    for (const user of new Set(output.match(/^\d+:\d+$/gm))) output += await run(user);
    return output;
  }

  private async start(
    containerId: string,
    spec: ExecSpec,
    tty: boolean,
  ): Promise<{ exec: Docker.Exec; stream: Duplex }> {
    return await this.gate.whileRunning(containerId, async () => {
      const exec = await this.create(containerId, spec, tty);
      const stream = await exec.start({ hijack: true, stdin: true, Tty: tty });
      // The daemon responds before the process exists.
      stream.once(
        'close',
        this.gate.expect(containerId, () => untilStarted(exec)),
      );
      return { exec, stream };
    });
  }

  private async create(containerId: string, spec: ExecSpec, tty: boolean): Promise<Docker.Exec> {
    const env = {
      ...spec.env,
      ...(spec.processTag ? { [TAG_VARIABLE]: `${spec.processTag}.${RUN_ID}` } : {}),
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

/** Retries: the daemon refuses a size until the process exists (moby #31223). */
async function setInitialSize(resize: () => Promise<void>): Promise<void> {
  for (let attempt = 0; attempt < RESIZE_ATTEMPTS; attempt += 1) {
    try {
      await resize();
      return;
    } catch {
      await setTimeout(RESIZE_BACKOFF_MS * 2 ** attempt);
    }
  }
  // Most likely the process has ended already: the end of its stream reports that.
}

async function exitCodeOf(exec: Docker.Exec): Promise<number | null> {
  const details = await mapped('The command', () => exec.inspect());
  return details.ExitCode;
}

/** Resolves when the process of a command exists, has ended, or could not be started. */
async function untilStarted(exec: Docker.Exec): Promise<void> {
  let attempts = 0;
  const poll = async () => {
    const found = await exec.inspect().catch(() => null);
    attempts += 1;
    const isKnown = !found || found.Pid > 0 || found.ExitCode !== null;
    return isKnown || attempts === START_POLL_ATTEMPTS;
  };
  await pWaitFor(poll, { interval: POLL_INTERVAL_MS });
}

/** The daemon reports the id from shortly after the start until the process ends. */
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
