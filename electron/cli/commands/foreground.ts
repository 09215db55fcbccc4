import { spawnSync } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { ReadStream, WriteStream } from 'node:tty';
import type { TerminalSize } from '#shared/contract/terminals';
import type { ApiClient } from '../api/client';
import { type CommandRequest, type OutputReader, RemoteCommand } from '../api/remoteCommand';
import { Failure } from '../failure';
import { write } from '../output';

/**
 * Runs a command of a sandbox with this process's stdio, signals and terminal, like `docker exec
 * -i`.
 */

/** Forwards each stream to the same stream of this process. */
export const forwardOutput: OutputReader = (stream, bytes) => write(process[stream], bytes);

/** Runs a command with separate stdout and stderr. Resolves with its exit code. */
export async function runInPipe(
  api: ApiClient,
  box: string,
  request: CommandRequest,
  onOutput: OutputReader = forwardOutput,
): Promise<number> {
  const command = RemoteCommand.execute(api, box, request, onOutput);
  const stopListening = forwardSignals(command);
  if (request.hasInput) void forwardInput(command, process.stdin);
  try {
    return await command.ended;
  } finally {
    stopListening();
    process.stdin.destroy();
  }
}

/** Runs a command attached to this terminal. Resolves with its exit code. */
export async function runAtTerminal(
  api: ApiClient,
  box: string,
  request: CommandRequest,
): Promise<number> {
  const { stdin, stdout } = process;
  if (!stdin.isTTY) {
    throw new Failure(
      'Standard input is not a terminal. Use `sandglass run` in scripts and pipes.',
    );
  }
  const terminal = sizeOf(stdout);
  let markRaw = () => {};
  const rawMode = new Promise<void>((resolve) => {
    markRaw = resolve;
  });
  const command = RemoteCommand.execute(
    api,
    box,
    { ...request, terminal },
    async (_stream, bytes) => {
      await rawMode;
      await write(stdout, bytes);
    },
  );
  const resize = () => command.resize(sizeOf(stdout));
  const initialSize = JSON.stringify(terminal);
  const restore = () => stdin.setRawMode(false);
  // Restores the terminal however this process ends.
  process.on('exit', restore);
  const stopListening = killOnSignal(command);
  try {
    await command.started();
    makeRaw(stdin);
    markRaw();
    stdout.on('resize', resize);
    if (JSON.stringify(sizeOf(stdout)) !== initialSize) resize();
    void forwardInput(command, stdin);
    return await command.ended;
  } finally {
    restore();
    process.off('exit', restore);
    stdout.off('resize', resize);
    stopListening();
    stdin.destroy();
  }
}

/** Passes every key and every byte through unchanged. */
function makeRaw(terminal: ReadStream): void {
  terminal.setRawMode(true);
  // Node leaves output post-processing enabled in raw mode (libuv, tty.c), which breaks programs
  // that emit bare line feeds. Leaving raw mode restores it.
  if (process.platform === 'win32') return;
  spawnSync('stty', ['-opost'], { stdio: ['inherit', 'ignore', 'ignore'] });
}

function sizeOf({ columns, rows, isTTY }: WriteStream): TerminalSize {
  return isTTY && columns > 0 && rows > 0 ? { cols: columns, rows } : { cols: 80, rows: 24 };
}

async function forwardInput(command: RemoteCommand, input: Readable): Promise<void> {
  try {
    for await (const chunk of input) await command.write(chunk as Buffer);
  } catch {
    // A read error, or the end of the command, ends the input.
  }
  command.closeInput();
}

const forwardedSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const signalNames = { SIGINT: 'INT', SIGTERM: 'TERM', SIGHUP: 'HUP' } as const;
const signalNumbers = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const;

/** Forwards signals to the command. A second signal kills it, a third ends this process. */
function forwardSignals(command: RemoteCommand): () => void {
  let signalCount = 0;
  return onSignals((signal) => {
    signalCount += 1;
    if (signalCount > 2 || !command.isRunning) process.exit(128 + signalNumbers[signal]);
    command.signal(signalCount === 1 ? signalNames[signal] : 'KILL');
  });
}

/** Kills the command when this process is signalled from outside: keys are sent as bytes. */
function killOnSignal(command: RemoteCommand): () => void {
  return onSignals((signal) => {
    command.signal('KILL');
    process.exit(128 + signalNumbers[signal]);
  });
}

function onSignals(act: (signal: (typeof forwardedSignals)[number]) => void): () => void {
  for (const signal of forwardedSignals) process.on(signal, act);
  return () => {
    for (const signal of forwardedSignals) process.off(signal, act);
  };
}
