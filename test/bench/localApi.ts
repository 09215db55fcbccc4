import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SandboxClient } from 'langsmith/sandbox';
import { serveApi } from '../../electron/api/server';
import { TEST_IMAGE } from '../support/images';
import { runInSandbox } from '../support/runInSandbox';
import { type Comparison, compare } from './measure';
import type { Setting } from './setting';

/** Text, like most output; JSON encodes a zero byte in six. */
const FLOOD = 'yes sandglass | head -c 104857600';

/** The hosted service's own client over the local API, compared with the docker command and the engine. */
export async function benchLocalApi(setting: Setting): Promise<Comparison[]> {
  const { sandglass, docker, cli, snapshotId } = setting;
  const apiKey = 'bench';
  const api = await serveApi(sandglass, { port: 0, key: () => apiKey });
  const client = new SandboxClient({ apiEndpoint: `${api.address}/v2/sandboxes`, apiKey });

  const boot = await compare(
    'Create a sandbox with the LangSmith client',
    10,
    {
      name: 'Sandglass',
      run: () => client.createSandbox(snapshotId, { name: 'created' }),
      after: () => client.deleteSandbox('created'),
    },
    {
      name: '`docker run -d`',
      run: () => cli('run', '-d', '--init', '--name', 'peer', TEST_IMAGE, 'sleep', '1000'),
      after: async () => {
        await cli('rm', '-f', 'peer');
      },
    },
  );

  const box = await client.createSandbox(snapshotId, { name: 'bench' });
  const [container = { Id: '' }] = await docker.listContainers();
  const short = await compare(
    'Run `true` with the LangSmith client',
    25,
    { name: 'Sandglass', run: () => box.run('true') },
    { name: '`docker exec`', run: () => cli('exec', container.Id, 'true') },
    {
      name: 'the engine without the API',
      run: () => runInSandbox(sandglass, { sandbox: 'bench', command: 'true' }),
    },
  );
  const long = await compare(
    'Read 100 MiB of output with the LangSmith client',
    3,
    { name: 'Sandglass', run: () => box.run(FLOOD, { timeout: 120 }) },
    { name: '`docker exec`', run: () => cli('exec', container.Id, 'sh', '-c', FLOOD) },
    {
      name: 'the engine without the API',
      run: () => runInSandbox(sandglass, { sandbox: 'bench', command: FLOOD, timeoutSeconds: 120 }),
    },
  );
  await box.write('/opt/file', new Uint8Array(randomBytes(10 * 1024 ** 2)));
  const folder = await mkdtemp(join(tmpdir(), 'sandglass-bench-'));
  const read = await compare(
    'Read a file of 10 MiB with the LangSmith client',
    10,
    { name: 'Sandglass', run: () => box.read('/opt/file') },
    {
      name: '`docker cp` out',
      run: () => cli('cp', `${container.Id}:/opt/file`, join(folder, 'file')),
    },
  );
  await rm(folder, { recursive: true });
  await box.delete();
  await api.close();
  return [boot, short, long, read];
}
