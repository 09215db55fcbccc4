import type { Command } from 'commander';
import { formatAge } from '#shared/format';
import { type CommandWire, commandListWire } from '../../api/wire/commands';
import { type ApiClient, segment } from '../api/client';
import { RemoteCommand } from '../api/remoteCommand';
import { Failure } from '../failure';
import { printJson, printLine, printTable } from '../output';
import { forwardOutput } from './foreground';
import { withJson } from './options';

/** `ps`, `logs` and `kill`, for commands that run in the background. */
export function addLogCommands(program: Command, api: ApiClient): void {
  withJson(program.command('ps'))
    .description('list the commands of a sandbox, newest first')
    .argument('<sandbox>', 'name or id')
    .action(async (box: string, { json }: { json?: boolean }) => {
      const commands = await list(api, box);
      if (json) return await printJson(commands);
      const now = Date.now();
      const rows = commands.map((command) => [
        command.command_id,
        command.status === 'running' ? 'running' : `ended (${command.exit_code ?? 'killed'})`,
        formatAge(Date.parse(command.started_at), now),
        shortened(command.command),
      ]);
      await printTable(['ID', 'STATUS', 'STARTED', 'COMMAND'], rows);
    });

  program
    .command('logs')
    .description('follow the output of a command; exits with its exit code')
    .argument('<sandbox>', 'name or id')
    .argument('[command-id]', 'id from `run --detach` or `ps` (default: the newest command)')
    .action(async (box: string, id: string | undefined) => {
      const chosen = id ?? (await newest(api, box)).command_id;
      const command = RemoteCommand.reattach(api, box, chosen, forwardOutput);
      process.exitCode = await command.ended;
    });

  program
    .command('kill')
    .description('kill a command and all its processes')
    .argument('<sandbox>', 'name or id')
    .argument('<command-id>', 'id from `run --detach` or `ps`')
    .action(async (box: string, id: string) => {
      const command = RemoteCommand.reattach(api, box, id, async () => {});
      await command.started();
      command.signal('KILL');
      await command.ended;
      await printLine(id);
    });
}

async function list(api: ApiClient, box: string): Promise<CommandWire[]> {
  return (await api.json(`/${segment(box)}/commands`, commandListWire)).commands;
}

async function newest(api: ApiClient, box: string): Promise<CommandWire> {
  const [command] = await list(api, box);
  if (command) return command;
  throw new Failure(`"${box}" has no commands. Start one with \`sandglass run --detach\`.`);
}

const MAX_COMMAND_WIDTH = 60;

function shortened(command: string): string {
  const line = command.replace(/\s+/g, ' ');
  return line.length > MAX_COMMAND_WIDTH ? `${line.slice(0, MAX_COMMAND_WIDTH - 1)}…` : line;
}
