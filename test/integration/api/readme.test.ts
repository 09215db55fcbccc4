import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { SandboxClient } from 'langsmith/sandbox';
import { expect, it, onTestFinished } from 'vitest';
import { dockerHost, dockerItself, freshHome, TEST_IMAGE } from '../../support/engine';
import { startHeadless } from '../../support/headless';

/** "Use it from code" in the README, unchanged, against the app in a separate process. */

const project = resolve(import.meta.dirname, '../../..');
const PYTHON = ['python', '3.12-slim'] as const;

/** Code blocks of a language in the README, in order. */
async function blocksOf(language: string): Promise<string[]> {
  const text = await readFile(join(project, 'README.md'), 'utf8');
  const [, section = ''] = text.split('## Use it from code');
  const blocks = section.split('\n## ')[0]?.matchAll(/```(\w+)\n([\s\S]*?)```/g) ?? [];
  return [...blocks].filter(([, name]) => name === language).map(([, , code]) => code ?? '');
}

it('the TypeScript and shell examples work', async () => {
  const docker = dockerItself();
  const [repo, tag] = PYTHON;
  await docker.getImage(TEST_IMAGE).tag({ repo, tag });
  onTestFinished(async () => {
    await docker.getImage(PYTHON.join(':')).remove();
  });
  const headless = await startHeadless({
    SANDGLASS_HOME: await freshHome(),
    DOCKER_HOST: dockerHost(),
    SANDGLASS_API_PORT: '0',
  });
  const { home, api } = headless.said as { home: string; api: { address: string } };
  const env = {
    ...process.env,
    LANGSMITH_ENDPOINT: api.address,
    LANGSMITH_API_KEY: (await readFile(join(home, 'api-key'), 'utf8')).trim(),
  };
  const run = async (command: string, ...args: string[]) =>
    (await promisify(execFile)(command, args, { cwd: project, env })).stdout;

  const [typescript = ''] = await blocksOf('ts');
  expect(await run(process.execPath, '--input-type=module', '-e', typescript)).toBe(
    'model: gpt-5\n\n',
  );

  const [exports = '', calls = ''] = await blocksOf('sh');
  expect(exports).toContain('LANGSMITH_ENDPOINT=');
  const [created, executed, deleted] = (await run('sh', '-c', calls)).split(/(?<=\})(?=\{|$)/);
  expect(JSON.parse(created ?? '')).toMatchObject({ name: 'box', status: 'ready' });
  expect(JSON.parse(executed ?? '')).toEqual({
    stdout: 'model: gpt-5\n',
    stderr: '',
    exit_code: 0,
  });
  expect(deleted).toBeFalsy();

  const client = new SandboxClient({
    apiEndpoint: `${api.address}/v2/sandboxes`,
    apiKey: env.LANGSMITH_API_KEY,
  });
  expect(await client.listSandboxes()).toEqual([]);
  const snapshots = await client.listSnapshots();
  expect(snapshots.map(({ name }) => name)).toEqual(['ml-ready', 'base']);
  for (const { id } of snapshots) await client.deleteSnapshot(id);
  expect(await headless.end('SIGTERM')).toEqual({ code: 0, signal: null });
});
