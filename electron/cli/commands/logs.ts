import type { Command } from 'commander';
import { z } from 'zod';
import { formatAge } from '#shared/format';
import { type CommandWire, commandWire } from '../../api/wire/commands';
import { type ApiClient, segment } from '../api/client';
import { RemoteCommand } from '../api/remoteCommand';
import { Failure } from '../failure';
import { printJson, printLine, printTable } from '../output';
import { toOurOutput } from './foreground';
import { withJson } from './options';

/** `ps`, `logs` and `kill`: commands that run without us. */
export function addLogCommands(program: Command, api: ApiClient): void {
  withJson(program.command('ps'))
    .description('list the commands of a sandbox, newest first')
    .argument('<sandbox>', 'its name or id')
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
    .description('what a command says, until it ends; ends with its exit code')
    .argument('<sandbox>', 'its name or id')
    .argument('[command-id]', 'from `run --detach` or `ps` (the newest if left out)')
    .action(async (box: string, id: string | undefined) => {
      const chosen = id ?? (await newest(api, box)).command_id;
      const command = RemoteCommand.reattach(api, box, chosen, toOurOutput);
      process.exitCode = await command.ended;
    });

  program
    .command('kill')
    .description('kill a command with all it has started')
    .argument('<sandbox>', 'its name or id')
    .argument('<command-id>', 'from `run --detach` or `ps`')
    .action(async (box: string, id: string) => {
      const command = RemoteCommand.reattach(api, box, id, async () => {});
      await command.started();
      command.signal('KILL');
      await command.ended;
      await printLine(id);
    });
}

async function list(api: ApiClient, box: string): Promise<CommandWire[]> {
  const answer = z.object({ commands: z.array(commandWire) });
  return (await api.json(`/${segment(box)}/commands`, answer)).commands;
}

async function newest(api: ApiClient, box: string): Promise<CommandWire> {
  const [command] = await list(api, box);
  if (command) return command;
  throw new Failure(`No command of "${box}" is kept. \`sandglass run --detach\` starts one.`);
}

const LONGEST = 60;

function shortened(command: string): string {
  const line = command.replace(/\s+/g, ' ');
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line;
}
