import type { EngineContext } from '../context';
import { os } from '../operations';
import type { SandboxesRoom } from '../sandboxes';
import { Terminals } from './terminals';

export type { Terminals } from './terminals';
export type { TerminalAttachment, TerminalView } from './terminalView';

/** Opens the room of terminals in sandboxes. */
export function openTerminals(
  context: EngineContext,
  { sandboxes, lifetimes }: Pick<SandboxesRoom, 'sandboxes' | 'lifetimes'>,
) {
  const terminals = new Terminals(context, sandboxes, lifetimes);
  return {
    terminals,
    operations: {
      list: os.terminals.list.handler(() => terminals.list()),
      open: os.terminals.open.handler(({ input }) => terminals.open(input.sandbox, input)),
      close: os.terminals.close.handler(({ input }) => terminals.close(input.id)),
    },
    close: () => terminals.closeAll(),
  };
}
