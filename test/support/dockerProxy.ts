import { once } from 'node:events';
import { request } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

/**
 * Starts a Unix socket proxy of a daemon. It forwards each request when `meet`, called with the request
 * line, has resolved; if that returns a response, it is sent instead of the daemon's.
 */
export async function startDockerProxy(
  host: string,
  folder: string,
  meet: (line: string) => Promise<Buffer | null>,
): Promise<string> {
  const file = join(folder, 'proxy.sock');
  const open = new Set<Socket>();
  // A command's input may end before its output.
  const allowHalfOpen = true;
  const server = createServer({ allowHalfOpen }, (client) => {
    const upstream = connect({ path: socketOf(host), allowHalfOpen });
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
    client.on('end', () => upstream.end());
    client.on('data', async (data) => {
      client.pause();
      const answer = await meet(data.toString('latin1').split('\r\n', 1)[0] ?? '');
      if (answer) client.write(answer);
      else upstream.write(data);
      client.resume();
    });
  });
  server.listen(file);
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  return `unix://${file}`;
}

/** Holds requests with a matching request line until `release` is called; forwards all others. */
export async function startHoldingProxy(
  host: string,
  folder: string,
  held: RegExp,
): Promise<{ host: string; release(): void }> {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const proxy = await startDockerProxy(host, folder, async (line) => {
    if (held.test(line)) await released;
    return null;
  });
  return { host: proxy, release };
}

/** Returns the daemon's response to a GET, as sent. */
export async function answerOf(host: string, path: string): Promise<Buffer> {
  const asked = request({ socketPath: socketOf(host), path }).end();
  const [response] = await once(asked, 'response');
  const body = await buffer(response);
  const head = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

function socketOf(host: string): string {
  return host.replace('unix://', '');
}
