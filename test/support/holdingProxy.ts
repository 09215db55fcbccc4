import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/**
 * A Unix socket before a daemon's: requests whose first line matches wait until `release` is called, all
 * others pass.
 */
export async function startHoldingProxy(
  host: string,
  folder: string,
  held: RegExp,
): Promise<{ host: string; release(): void }> {
  const file = join(folder, 'holding.sock');
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(host.replace('unix://', ''));
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        open.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    upstream.pipe(client);
    client.on('data', async (data) => {
      client.pause();
      if (held.test(data.toString('latin1').split('\r\n', 1)[0] ?? '')) await released;
      upstream.write(data);
      client.resume();
    });
  });
  server.listen(file);
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  return { host: `unix://${file}`, release };
}
