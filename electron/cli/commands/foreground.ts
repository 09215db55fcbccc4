import { spawnSync } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { ReadStream, WriteStream } from 'node:tty';
import type { ApiClient } from '../api/client';
import {
  type CommandRequest,
  type OutputReader,
  RemoteCommand,
  type TerminalSize,
} from '../api/remoteCommand';
import { Failure } from '../failure';
import { write } from '../output';

/** A command of a sandbox with this process's input, output, signals and terminal, as for `docker exec -i`. */

/** Each stream to our own of that name. */
export const toOurOutput: OutputReader = (stream, bytes) => write(process[stream], bytes);

/** Runs a command with separate stdout and stderr. Resolves with its exit code. */
export async function runInPipe(
  api: ApiClient,
  box: string,
  request: CommandRequest,
  onOutput: OutputReader = toOurOutput,
): Promise<number> {
  const command = RemoteCommand.execute(api, box, request, onOutput);
  const release = passSignalsTo(command);
  if (request.hasInput) void feed(command, process.stdin);
  try {
    return await command.ended;
  } finally {
    release();
    process.stdin.destroy();
  }
}

/** Runs a command at this terminal, as if it were here. Resolves with its exit code. */
export async function runAtTerminal(
  api: ApiClient,
  box: string,
  request: CommandRequest,
): Promise<number> {
  const { stdin, stdout } = process;
  if (!stdin.isTTY) {
    throw new Failure(
      'The input is not a terminal. For scripts and pipes there is `sandglass run`.',
    );
  }
  const terminal = sizeOf(stdout);
  let beRaw = () => {};
  const isRaw = new Promise<void>((resolve) => {
    beRaw = resolve;
  });
  const command = RemoteCommand.execute(
    api,
    box,
    { ...request, terminal },
    async (_stream, bytes) => {
      await isRaw;
      await write(stdout, bytes);
    },
  );
  const resize = () => command.resize(sizeOf(stdout));
  const sizeAsked = JSON.stringify(terminal);
  const restore = () => stdin.setRawMode(false);
  // Whatever ends this process: its terminal is left as it was.
  process.on('exit', restore);
  const release = endWith(command);
  try {
    await command.started();
    makeRaw(stdin);
    beRaw();
    stdout.on('resize', resize);
    if (JSON.stringify(sizeOf(stdout)) !== sizeAsked) resize();
    void feed(command, stdin);
    return await command.ended;
  } finally {
    restore();
    process.off('exit', restore);
    stdout.off('resize', resize);
    release();
    stdin.destroy();
  }
}

/** Every key and every byte goes through as it is. */
function makeRaw(terminal: ReadStream): void {
  terminal.setRawMode(true);
  // Node leaves the translation of line feeds on (libuv's tty.c), which tears screens that are drawn with
  // bare ones. The way back from raw mode restores it.
  if (process.platform === 'win32') return;
  spawnSync('stty', ['-opost'], { stdio: ['inherit', 'ignore', 'ignore'] });
}

function sizeOf({ columns, rows, isTTY }: WriteStream): TerminalSize {
  return isTTY && columns > 0 && rows > 0 ? { cols: columns, rows } : { cols: 80, rows: 24 };
}

async function feed(command: RemoteCommand, input: Readable): Promise<void> {
  try {
    for await (const chunk of input) await command.write(chunk as Buffer);
  } catch {
    // It cannot be read on, or the command is over: that is its end.
  }
  command.closeInput();
}

const passedOn = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const names = { SIGINT: 'INT', SIGTERM: 'TERM', SIGHUP: 'HUP' } as const;
const numbers = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const;

/** The command gets what we get; asked again, it is killed, and then we end without it. */
function passSignalsTo(command: RemoteCommand): () => void {
  let times = 0;
  return onSignals((signal) => {
    times += 1;
    if (times > 2 || !command.isRunning) process.exit(128 + numbers[signal]);
    command.signal(times === 1 ? names[signal] : 'KILL');
  });
}

/** What ends us ends it: keys reach it as bytes, so a signal is from outside. */
function endWith(command: RemoteCommand): () => void {
  return onSignals((signal) => {
    command.signal('KILL');
    process.exit(128 + numbers[signal]);
  });
}

function onSignals(act: (signal: (typeof passedOn)[number]) => void): () => void {
  for (const signal of passedOn) process.on(signal, act);
  return () => {
    for (const signal of passedOn) process.off(signal, act);
  };
}
