import {
  type ChildProcessByStdio,
  type ChildProcessWithoutNullStreams,
  spawn,
} from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { build } from 'vite';
import { onTestFinished } from 'vitest';
import { API_KEY } from './api';

const project = join(import.meta.dirname, '../..');

let built: Promise<string[]> | null = null;

/** Bundles the CLI as the app's build does. Returns the argument vector that starts it. */
export function buildCli(): Promise<string[]> {
  built ??= (async () => {
    // Each test file rebuilds it, and two workers may do so at the same time.
    const folder = `test-cli-${process.env.VITEST_POOL_ID}`;
    const outDir = join(project, 'node_modules', '.cache', folder);
    await build({
      root: project,
      configFile: false,
      logLevel: 'warn',
      build: {
        ssr: 'electron/cli/cli.ts',
        outDir,
        target: 'node20',
        rollupOptions: { output: { entryFileNames: 'cli.js' } },
      },
    });
    return [process.execPath, join(outDir, 'cli.js')];
  })();
  return built;
}

export interface CliEnd {
  code: number | null;
  stdout: Buffer;
  /** Standard output as text. */
  out: string;
  err: string;
}

/** Environment of the CLI: the address of the API, and none of the host's settings. */
export function cliEnv(address: string, more: Record<string, string> = {}): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env;
  return { PATH, HOME, SANDGLASS_API_URL: address, SANDGLASS_API_KEY: API_KEY, ...more };
}

/** Starts the CLI. Kills it after the test if it still runs. */
export async function startCli(
  env: NodeJS.ProcessEnv,
  args: string[],
): Promise<ChildProcessWithoutNullStreams> {
  const [node = '', ...rest] = await buildCli();
  const child = spawn(node, [...rest, ...args], { env });
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  return child;
}

/** Runs the CLI to its end, with this standard input. */
export async function runCli(
  env: NodeJS.ProcessEnv,
  args: string[],
  input: string | Buffer = '',
): Promise<CliEnd> {
  const child = await startCli(env, args);
  // EPIPE: the process may end without reading its input.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return await endOf(child);
}

/** Waits for the end of a child process and returns its output. */
export async function endOf(
  child: ChildProcessByStdio<Writable | null, Readable, Readable>,
): Promise<CliEnd> {
  const { stdout, stderr } = child;
  const ended = once(child, 'close');
  const [out, err] = await Promise.all([buffer(stdout), buffer(stderr)]);
  const [code] = (await ended) as [number | null];
  return { code, stdout: out, out: out.toString('utf8'), err: err.toString('utf8') };
}
