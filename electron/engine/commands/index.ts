import type { EngineContext } from '../context';
import type { SandboxesRoom } from '../sandboxes';
import { AbandonedCommands } from './abandonedCommands';
import { CommandSessions } from './commandSessions';
import { SandboxBuilds } from './sandboxBuilds';

export { CONNECTION_LOST, type CommandSession } from './commandSession';
export type { CommandSessions, SessionInput } from './commandSessions';
export type { OutputPosition } from './outputBuffer';
export { type CommandResult, runToEnd } from './runToEnd';

/** Opens the room of commands in sandboxes. */
export function openCommands(
  context: EngineContext,
  { sandboxes, lifetimes }: Pick<SandboxesRoom, 'sandboxes' | 'lifetimes'>,
) {
  const builds = new SandboxBuilds(context);
  const sessions = new CommandSessions(context, sandboxes, lifetimes, builds);
  const abandoned = new AbandonedCommands(context);
  return {
    sessions,
    abandoned,
    close: async () => {
      await sessions.closeAll();
      await abandoned.close();
    },
  };
}
