#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { ApiClient } from './api/client';
import { addCopyCommand } from './commands/copy';
import { addLogCommands } from './commands/logs';
import { addRunCommands } from './commands/run';
import { addSandboxCommands } from './commands/sandboxes';
import { addSnapshotCommands } from './commands/snapshots';
import { exitCodes, Failure } from './failure';
import { BrokenPipe } from './output';

/** `sandglass`: the local API at the command line, and as a server for coding agents. */
async function main(argv: string[]): Promise<void> {
  // Whoever writes is told.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  const api = new ApiClient(process.env);
  const program = new Command('sandglass')
    .description('Snapshots and sandboxes of Sandglass, from the command line.')
    .enablePositionalOptions()
    .exitOverride()
    .showSuggestionAfterError();
  addSandboxCommands(program, api);
  addRunCommands(program, api);
  addLogCommands(program, api);
  addCopyCommand(program, api);
  addSnapshotCommands(program, api);
  program
    .command('mcp')
    .description(
      'serve the sandboxes to a coding agent: Model Context Protocol on stdin and stdout',
    )
    .action(async () => {
      // Its packages are large, and no other command needs them.
      const { serveMcp } = await import('./mcp/server');
      await serveMcp(api);
    });
  await program.parseAsync(argv);
}

/** In one line, or as JSON where the output is to be that; resolves with the exit code. */
function tell(thrown: unknown): number {
  // What was wrong with the arguments, or the help that was asked for: commander has said it.
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : exitCodes.ours;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  // Nobody reads what we write: as for any program in a pipe, that is the end, and no news.
  if (thrown instanceof BrokenPipe) return exitCodes.brokenPipe;
  const type = thrown instanceof Failure ? thrown.type : null;
  const line = process.argv.includes('--json')
    ? JSON.stringify({ error: { type, message } })
    : `sandglass: ${message.replace(/\s*\n\s*/g, ' ')}`;
  process.stderr.write(`${line}\n`);
  return thrown instanceof Failure ? thrown.exitCode : exitCodes.ours;
}

main(process.argv).catch((thrown: unknown) => {
  process.exitCode = tell(thrown);
});
