import type { EngineContext } from '../context';
import { os } from '../operations';
import type { SandboxesRoom } from '../sandboxes';
import { Connections } from './connections';
import { ServiceShares } from './serviceShares';

export type { Connections } from './connections';

/** Ports inside sandboxes: connections to them, and HTTP services shared on the host. */
export function openServices(
  context: EngineContext,
  { sandboxes, lifetimes }: Pick<SandboxesRoom, 'sandboxes' | 'lifetimes'>,
) {
  const connections = new Connections(context, sandboxes, lifetimes);
  const shares = new ServiceShares(context, sandboxes, connections);
  return {
    connections,
    operations: {
      share: os.services.share.handler(({ input }) => shares.share(input)),
      list: os.services.list.handler(({ input }) => shares.list(input.sandbox)),
      revoke: os.services.revoke.handler(({ input }) => shares.revoke(input.sandbox, input.port)),
    },
    close: async () => {
      await shares.closeAll();
      await connections.closeAll();
    },
  };
}
