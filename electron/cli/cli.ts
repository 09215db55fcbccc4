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

/** `sandglass`: command-line client and MCP server for the local API. */
async function main(argv: string[]): Promise<void> {
  // Write errors are handled where they occur.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  const api = new ApiClient(process.env);
  const program = new Command('sandglass')
    .description('Manage Sandglass sandboxes and snapshots from the command line.')
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
    .description('run an MCP server for coding agents (Model Context Protocol over stdio)')
    .action(async () => {
      // Loaded on demand: its packages are large and no other command uses them.
      const { serveMcp } = await import('./mcp/server');
      await serveMcp(api);
    });
  await program.parseAsync(argv);
}

/** Prints an error as one line, or as JSON with `--json`. Returns the exit code. */
function reportFailure(thrown: unknown): number {
  // Commander has already printed its error or help text.
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : exitCodes.failure;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  // A closed pipe ends the process silently, as for other command-line tools.
  if (thrown instanceof BrokenPipe) return exitCodes.brokenPipe;
  const type = thrown instanceof Failure ? thrown.type : null;
  const line = process.argv.includes('--json')
    ? JSON.stringify({ error: { type, message } })
    : `sandglass: ${message.replace(/\s*\n\s*/g, ' ')}`;
  process.stderr.write(`${line}\n`);
  return thrown instanceof Failure ? thrown.exitCode : exitCodes.failure;
}

main(process.argv).catch((thrown: unknown) => {
  process.exitCode = reportFailure(thrown);
});
