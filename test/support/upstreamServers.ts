import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { dockerItself, eventually } from './engine';

/** Python program that prints the response of an address, with an optional CA file. */
export const FETCH = `import sys, ssl, urllib.request, urllib.error
try:
    context = ssl.create_default_context(cafile=sys.argv[2]) if len(sys.argv) > 2 else None
    print(urllib.request.urlopen(sys.argv[1], timeout=10, context=context).read().decode(), end='')
except urllib.error.HTTPError as e:
    print(e.code, e.read().decode(), end='')
except Exception as e:
    print('failed:', e, end='')
`;

interface Listening {
  server: Server;
  port: number;
}

/** HTTP and HTTPS servers of the host, on the gateway of the worker's daemon. */
export interface UpstreamServers {
  gateway: string;
  plain: Listening;
  secure: Listening;
  /** A second HTTPS server. */
  other: Listening;
  /** CA file of the HTTPS servers. */
  certificate: string;
  /** Requests received so far. */
  seen: IncomingMessage[];
  stop(): Promise<void>;
}

/** Starts the servers. Each responds with the path and the `Authorization` header of the request. */
export async function startUpstreamServers(): Promise<UpstreamServers> {
  const folder = await mkdtemp(join(tmpdir(), 'sandglass-egress-'));
  const network = (await dockerItself().getNetwork('bridge').inspect()) as {
    IPAM: { Config: Array<{ Gateway: string }> };
  };
  const gateway = network.IPAM.Config[0]?.Gateway ?? '';
  const [key, certificate] = [join(folder, 'upstream.key'), join(folder, 'upstream.pem')];
  await promisify(execFile)('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=upstream'],
    ...['-addext', `subjectAltName=IP:${gateway}`, '-keyout', key, '-out', certificate],
  ]);
  const identity = { key: await readFile(key), cert: await readFile(certificate) };
  const seen: IncomingMessage[] = [];
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    seen.push(request);
    response.end(`${request.url} ${request.headers.authorization ?? 'nobody'}`);
  };
  const servers = {
    plain: await listen(createServer(onRequest), gateway),
    secure: await listen(createTlsServer(identity, onRequest), gateway),
    other: await listen(createTlsServer(identity, onRequest), gateway),
  };
  return {
    ...servers,
    gateway,
    certificate,
    seen,
    stop: async () => {
      for (const { server } of Object.values(servers)) server.close();
      await rm(folder, { recursive: true });
    },
  };
}

async function listen(server: Server, host: string): Promise<Listening> {
  server.listen({ host, port: 0 });
  await once(server, 'listening');
  const address = server.address();
  return { server, port: typeof address === 'object' && address ? address.port : 0 };
}

/** Sends bytes to a proxy. Returns the response up to its end, or to an established tunnel. */
export async function rawAnswer(to: URL, bytes: string): Promise<string> {
  const socket = connect({ host: to.hostname, port: Number(to.port) });
  socket.write(bytes);
  let said = '';
  socket.on('data', (chunk) => {
    said += chunk;
  });
  await Promise.race([once(socket, 'end'), eventually(async () => said.includes('200 Conn'))]);
  socket.destroy();
  return said;
}
