import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';

/** A port of 127.0.0.1 that nobody had a moment ago. */
export async function freePort(): Promise<number> {
  const { port, free } = await takePort();
  await free();
  return port;
}

/** Takes a port of 127.0.0.1, as another program would. */
export async function takePort(): Promise<{ port: number; free: () => Promise<void> }> {
  const server: Server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    free: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}
