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

/** The shell that a line is given to, as a login shell: what the window's terminals open. */
const LOGIN_SHELL = 'exec "$0" -l';
/** Many a minimal image says nothing of its character set, and would get plain ASCII. */
const SHELL_ENV = { COLORTERM: 'truecolor', LANG: 'C.UTF-8' };
/** What a command that was left alone has said can be read so long after its end; seconds. */
const KEEP_DETACHED = 86_400;

/** `run` and `shell`. A process that runs a command is one with it: it ends with the command's code. */
export function addRunCommands(program: Command, api: ApiClient): void {
  withJson(withRunConfig(program.command('run')))
    .description('run a command; ends with its exit code')
    .usage('[options] <sandbox> [--] <command> [arguments...]')
    .argument('<sandbox>', 'its name or id; a stopped one is started')
    .argument('<command...>', 'one word: a line for the shell; several, or after "--": as they are')
    .option('-t, --tty', 'run it on a terminal')
    .option('-d, --detach', 'leave it running; prints its id for `logs`')
    .option('-n, --no-stdin', 'give it no input')
    .addOption(
      new Option('--timeout <time>', 'kill it after that long; 0 for never')
        .argParser(duration)
        .default(0, 'never'),
    )
    .passThroughOptions()
    .action((box: string, words: string[], options: RunOptions) => run(api, box, words, options));

  withRunConfig(program.command('shell'))
    .description('open a shell on this terminal; ends with its exit code')
    .argument('<sandbox>', 'its name or id; a stopped one is started')
    .option('-s, --shell <path>', 'which one (bash where the image has it, else sh)')
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
  words: string[],
  options: RunOptions,
): Promise<void> {
  const wanted = {
    ...request(options),
    command: commandOf(words),
    timeoutSeconds: options.timeout,
  };
  if (options.detach) return await detach(api, box, wanted, options);
  if (options.tty) {
    if (options.json) throw new Failure('--json and --tty exclude each other.');
    process.exitCode = await runAtTerminal(api, box, wanted);
    return;
  }
  if (options.json) return await runForJson(api, box, { ...wanted, hasInput: options.stdin });
  process.exitCode = await runInPipe(api, box, { ...wanted, hasInput: options.stdin });
}

function request({ env, user, workdir }: RunConfigOptions) {
  return { env, user, cwd: workdir, timeoutSeconds: 0, killOnDisconnect: true, hasInput: true };
}

/** As a shell would read it: one word is a line of its own, several are a vector. */
function commandOf(words: string[]): string | string[] {
  const [first = ''] = words;
  if (first === '--') {
    if (words.length > 1) return words.slice(1);
    throw new Failure('There is no command after "--".');
  }
  return words.length === 1 ? first : words;
}

async function detach(
  api: ApiClient,
  box: string,
  request: CommandRequest,
  { json }: RunOptions,
): Promise<void> {
  const left = { ...request, hasInput: false, killOnDisconnect: false, keepSeconds: KEEP_DETACHED };
  const command = RemoteCommand.execute(api, box, left, async () => {});
  await command.started();
  command.close();
  await (json ? printJson({ command_id: command.id }) : printLine(command.id));
}

async function runForJson(api: ApiClient, box: string, request: CommandRequest): Promise<void> {
  const said = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  const exitCode = await runInPipe(api, box, request, async (stream, bytes) => {
    said[stream].push(bytes);
  });
  const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString('utf8');
  await printJson({ exit_code: exitCode, stdout: text(said.stdout), stderr: text(said.stderr) });
  process.exitCode = exitCode;
}
