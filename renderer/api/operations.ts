import { createORPCClient, onError } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import type { Operations } from '#shared/contract/index';
import { OPERATIONS_PORT_MESSAGE } from '#shared/desktopApi';
import { throwSandglassError, wireSerializers } from '#shared/wire';
import { receivePort } from './ports';

const port = await receivePort(
  () => window.sandglass.connectOperations(),
  (data) => data === OPERATIONS_PORT_MESSAGE,
);

/** Operations of the engine. Calls reject with a SandglassError. */
export const operations: Operations = createORPCClient(
  new RPCLink({
    port,
    customJsonSerializers: wireSerializers,
    interceptors: [onError(throwSandglassError)],
  }),
);
port.start();
