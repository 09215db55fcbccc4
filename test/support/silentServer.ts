import { once } from 'node:events';
import { createServer } from 'node:net';

/** Starts a server that accepts every request and never responds, as a registry that hangs. */
export async function startSilentServer(): Promise<{ address: string; close(): void }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (!address || typeof address === 'string') throw new Error('The server has no port.');
  return {
    address: `127.0.0.1:${address.port}`,
    close: () => {
      server.close();
    },
  };
}
