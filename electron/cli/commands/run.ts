import { type Command, Option } from 'commander';
import type { ApiClient } from '../api/client';
import { type CommandRequest, RemoteCommand } from '../api/remoteCommand';
import { Failure } from '../failure';
import { printJson, printLine } from '../output';
import { runAtTerminal, runInPipe } from './foreground';
import { duration, type RunConfigOptions, withJson, withRunConfig } from './options';

interface RunOptions extends RunConfigOptions {
  json?: boolean;
  tty?: boolean;
  detach?: boolean;
  stdin: boolean;
  timeout: number;
}

/** Replaces the shell that runs the line with a login shell, as the window's terminals open. */
const LOGIN_SHELL = 'exec "$0" -l';
/** Minimal images often set no locale, which would limit programs to ASCII. */
const SHELL_ENV = { COLORTERM: 'truecolor', LANG: 'C.UTF-8' };
/** Seconds for which the output of a detached command is retained after its end. */
const DETACHED_TTL_SECONDS = 86_400;

/** `run` and `shell`. Both exit with the exit code of the command. */
export function addRunCommands(program: Command, api: ApiClient): void {
  withJson(withRunConfig(program.command('run')))
    .description('run a command; exits with its exit code')
    .usage('[options] <sandbox> [--] <command> [arguments...]')
    .argument('<sandbox>', 'name or id; a stopped sandbox is started')
    .argument(
      '<command...>',
      'one argument: a shell command line; several, or after "--": run without a shell',
    )
    .option('-t, --tty', 'allocate a terminal')
    .option('-d, --detach', 'run in the background; prints its id for `logs`')
    .option('-n, --no-stdin', 'do not pass standard input')
    .addOption(
      new Option('--timeout <time>', 'kill the command after this time; 0 for never')
        .argParser(duration)
        .default(0, 'never'),
    )
    .passThroughOptions()
    .action((box: string, args: string[], options: RunOptions) => run(api, box, args, options));

  withRunConfig(program.command('shell'))
    .description('open an interactive shell; exits with its exit code')
    .argument('<sandbox>', 'name or id; a stopped sandbox is started')
    .option('-s, --shell <path>', 'shell to run (default: bash if available, else sh)')
    .action(async (box: string, options: RunConfigOptions & { shell?: string }) => {
      const { shell } = options;
      const command = shell ? [shell] : LOGIN_SHELL;
      const env = { ...SHELL_ENV, ...options.env };
      process.exitCode = await runAtTerminal(api, box, { ...request(options), command, env });
    });
}

async function run(
  api: ApiClient,
  box: string,
  args: string[],
  options: RunOptions,
): Promise<void> {
  const commandRequest = {
    ...request(options),
    command: commandOf(args),
    timeoutSeconds: options.timeout,
  };
  if (options.detach) return await detach(api, box, commandRequest, options);
  if (options.tty) {
    if (options.json) throw new Failure('--json and --tty cannot be combined.');
    process.exitCode = await runAtTerminal(api, box, commandRequest);
    return;
  }
  if (options.json)
    return await runForJson(api, box, { ...commandRequest, hasInput: options.stdin });
  process.exitCode = await runInPipe(api, box, { ...commandRequest, hasInput: options.stdin });
}

function request({ env, user, workdir }: RunConfigOptions) {
  return { env, user, cwd: workdir, timeoutSeconds: 0, killOnDisconnect: true, hasInput: true };
}

/** A single argument is a shell command line; several are an argument vector. */
function commandOf(args: string[]): string | string[] {
  const [first = ''] = args;
  if (first === '--') {
    if (args.length > 1) return args.slice(1);
    throw new Failure('The command after "--" is missing.');
  }
  return args.length === 1 ? first : args;
}

async function detach(
  api: ApiClient,
  box: string,
  request: CommandRequest,
  { json }: RunOptions,
): Promise<void> {
  const detached = {
    ...request,
    hasInput: false,
    killOnDisconnect: false,
    ttlSeconds: DETACHED_TTL_SECONDS,
  };
  const command = RemoteCommand.execute(api, box, detached, async () => {});
  await command.started();
  command.close();
  await (json ? printJson({ command_id: command.id }) : printLine(command.id));
}

async function runForJson(api: ApiClient, box: string, request: CommandRequest): Promise<void> {
  const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  const exitCode = await runInPipe(api, box, request, async (stream, bytes) => {
    output[stream].push(bytes);
  });
  const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString('utf8');
  await printJson({
    exit_code: exitCode,
    stdout: text(output.stdout),
    stderr: text(output.stderr),
  });
  process.exitCode = exitCode;
}
