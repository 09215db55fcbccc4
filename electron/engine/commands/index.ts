import type { EngineContext } from '../context';
import { os } from '../operations';
import type { SandboxesRoom } from '../sandboxes';
import { AbandonedCommands } from './abandonedCommands';
import { CommandSessions } from './commandSessions';
import { Commands } from './commands';
import { SandboxBuilds } from './sandboxBuilds';

export { CONNECTION_LOST, type CommandSession } from './commandSession';
export type { CommandSessions, SessionInput } from './commandSessions';
export type { OutputPosition } from './outputLog';

/** Commands in sandboxes. */
export function openCommands(
  context: EngineContext,
  { sandboxes, lifetimes }: Pick<SandboxesRoom, 'sandboxes' | 'lifetimes'>,
) {
  const builds = new SandboxBuilds(context);
  const sessions = new CommandSessions(context, sandboxes, lifetimes, builds);
  const abandoned = new AbandonedCommands(context);
  const commands = new Commands(context, sandboxes, lifetimes);
  return {
    sessions,
    abandoned,
    operations: {
      run: os.sandboxes.run.handler(({ input, signal }) => commands.run(input, signal)),
      runStream: os.sandboxes.runStream.handler(({ input, signal }) =>
        commands.stream(input, signal),
      ),
      killCommand: os.sandboxes.killCommand.handler(({ input }) => commands.kill(input.commandId)),
    },
    close: async () => {
      await sessions.closeAll();
      await abandoned.close();
    },
  };
}
