import { Agent, request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { text } from 'node:stream/consumers';
import type { OpenAPIV3_1 } from 'openapi-types';
import { expect, it, onTestFinished } from 'vitest';
import { serveApi } from '../../../electron/api/server';
import { API_KEY } from '../../support/api';
import {
  bootSandbox,
  buildSnapshot,
  openTestEngine,
  removeEverything,
  TEST_IMAGE,
} from '../../support/engine';
import { testLength } from '../../support/long';
import { randomFrom } from '../../support/random';
import { type RandomRequest, RandomRequests } from '../../support/randomRequests';

const SEED = Number(process.env.SANDGLASS_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
const REQUESTS = testLength({ short: 2000, long: 10_000 });
const AT_ONCE = 16;

/** Texts that a body must not contain: paths, source files, the key, names of libraries. */
const leaks = [
  ...[API_KEY, 'node_modules', 'electron/', `${tmpdir()}/`, 'sandglass-home', '/var/lib/docker'],
  ...['FST_ERR', 'SQLITE_', 'SqliteError', 'TypeError', 'RangeError', 'ZodError', 'dockerode'],
];

interface Answer {
  status: number;
  type: string;
  body: string;
}

it(`${REQUESTS} random requests cause no internal error and leak nothing (SANDGLASS_TEST_SEED=${SEED})`, {
  timeout: 300_000,
  tags: ['long'],
}, async () => {
  const sandglass = await openTestEngine();
  const faults: unknown[] = [];
  const api = await serveApi(sandglass, {
    port: 0,
    key: () => API_KEY,
    onError: (thrown) => faults.push(thrown),
  });
  onTestFinished(() => api.close());
  const { operations } = sandglass;
  await operations.settings.update({ defaultImage: TEST_IMAGE });
  const snapshot = await buildSnapshot(operations, { name: 'base' });
  const one = await bootSandbox(operations, { snapshotId: snapshot.id, name: 'one' });
  await bootSandbox(operations, { snapshotId: snapshot.id, name: 'two' });
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  onTestFinished(() => agent.destroy());
  const send = (request: RandomRequest) => answerTo(api.port, agent, request);
  const { body } = await send({ method: 'GET', path: '/openapi.json', headers: {} });
  const document = JSON.parse(body) as OpenAPIV3_1.Document;
  const boxes = ['one', 'two', 'three', one.id, 'nothing', crypto.randomUUID()];
  const requests = new RandomRequests(
    randomFrom(SEED),
    document,
    {
      box: boxes,
      name: ['one', 'two', 'three', 'four', 'base', 'team/py'],
      names: [['four'], ['nothing', 'three'], []],
      snapshot: [snapshot.id, 'base', 'base:latest', 'nothing', crypto.randomUUID()],
      snapshot_id: [snapshot.id],
      snapshot_name: ['base', 'nothing'],
      registry: ['local', 'nothing'],
      url: ['127.0.0.1:1', 'registry.example'],
      docker_image: [TEST_IMAGE, '127.0.0.1:1/none:1'],
      path: [
        '/etc',
        '/etc/passwd',
        '/opt/file',
        '/opt/new/folder/file',
        '/dev/null',
        '/proc/1/environ',
        'etc',
      ],
      pattern: ['*', '**/*', '*.conf', 'root', '[', '(', '\\'],
      command: [
        'true',
        'echo hi',
        'exit 3',
        'cat',
        'head -c 100000 /dev/urandom',
        ['id'],
        'kill -9 $$',
      ],
      shell: ['/bin/sh', '/bin/bash', '/bin/none'],
      timeout: [1, 5, 2],
      timeout_seconds: [1, 5, 2],
      idle_ttl_seconds: [0, 60, 6000],
      delete_after_stop_seconds: [0, 6000],
      fs_capacity_bytes: [2 ** 30],
      mem_bytes: [2 ** 28],
      vcpus: [0.5, 1],
      wait_for_ready: [true, false],
      limit: [1, 50],
      offset: [0, 1],
    },
    // Mostly validation: calls that reach Docker are slow.
    ({ method, path }) =>
      /execute|upload|download|glob|grep|start|stop|snapshot$/.test(path) ||
      (method !== 'GET' && /boxes/.test(path))
        ? 0.25
        : 1,
  );
  expect(requests.routeCount).toBeGreaterThan(20);

  const wrong: string[] = [];
  const statuses = new Map<number, number>();
  let sent = 0;
  const worker = async () => {
    while (sent < REQUESTS && wrong.length < 20) {
      sent += 1;
      const request = requests.next();
      const answer = await send(request);
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      const complaint = complaintOf(request, answer);
      if (complaint)
        wrong.push(`${complaint}\n${show(request)}\n${JSON.stringify(answer).slice(0, 600)}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  console.log(`random requests: ${JSON.stringify([...statuses].sort(([a], [b]) => a - b))}`);
  expect(wrong).toEqual([]);
  expect(faults).toEqual([]);
  expect(statuses.get(200) ?? 0).toBeGreaterThan(REQUESTS / 100);
  expect((await send({ method: 'GET', path: '/v2/sandboxes/boxes', headers: {} })).status).toBe(
    200,
  );
  await Promise.all(
    (await operations.tasks.list()).map(({ id }) => operations.tasks.wait({ id }).catch(() => {})),
  );
  await removeEverything(sandglass);
});

function show({ method, path, body }: RandomRequest): string {
  return `${method} ${path.slice(0, 300)} ${body?.slice(0, 1000) ?? ''}`;
}

/** Describes what is wrong with a response to any request, or returns null. */
function complaintOf({ method }: RandomRequest, { status, type, body }: Answer): string | null {
  if (status >= 500 && status !== 502 && status !== 503) return 'a fault of ours';
  if (status < 200 || status > 599) return 'no answer';
  if (status < 400 || method === 'HEAD') return null;
  const leak = leaks.find((text) => body.includes(text));
  if (leak) return `a leak of "${leak}"`;
  if (/\\n +at /.test(body)) return 'a stack';
  return type.startsWith('application/json') && isDetail(body) ? null : 'another form of error';
}

function isDetail(body: string): boolean {
  const { detail } = JSON.parse(body) as { detail?: unknown };
  if (Array.isArray(detail)) {
    return (
      detail.length > 0 && detail.every(({ loc, msg, type }) => Array.isArray(loc) && msg && type)
    );
  }
  const { error, message } = detail as { error: unknown; message: unknown };
  return typeof error === 'string' && typeof message === 'string' && message !== '';
}

async function answerTo(
  port: number,
  agent: Agent,
  { method, path, headers, body }: RandomRequest,
): Promise<Answer> {
  return await new Promise((resolve, reject) => {
    const all = { 'x-api-key': API_KEY, ...headers };
    const call = httpRequest({ port, host: '127.0.0.1', agent, method, path, headers: all });
    call.once('error', reject);
    // No request takes this long; the error names the request, unlike the test's timeout.
    call.setTimeout(60_000, () => call.destroy(new Error(`No answer: ${path} ${body}`)));
    call.once('response', (response) => {
      text(response).then(
        (content) =>
          resolve({
            status: response.statusCode ?? 0,
            type: response.headers['content-type'] ?? '',
            body: content,
          }),
        reject,
      );
    });
    call.end(body);
  });
}
