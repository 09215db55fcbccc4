import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSandboxFile, writeSandboxFile } from '../support/sandboxFiles';
import { type Comparison, compare } from './measure';
import type { Setting } from './setting';

/** Copies of files, compared with `docker cp`. */
export async function benchFiles(setting: Setting): Promise<Comparison[]> {
  const { sandglass, docker, cli, boot } = setting;
  const { sandboxes } = sandglass.operations;
  const folder = await mkdtemp(join(tmpdir(), 'sandglass-bench-'));
  const bytes = new Uint8Array(randomBytes(10 * 1024 ** 2));
  const file = join(folder, 'file');
  await writeFile(file, bytes);
  await boot('bench');
  const [container = { Id: '' }] = await docker.listContainers();
  const sandbox = 'bench';
  let written = 0;
  const path = () => `/opt/file-${written}`;

  const write = await compare(
    'Write a new file of 10 MiB',
    10,
    {
      name: 'Sandglass',
      run: () => writeSandboxFile(sandglass, { sandbox, path: path(), bytes }),
      after: async () => {
        written += 1;
      },
    },
    { name: '`docker cp` in', run: () => cli('cp', file, `${container.Id}:/opt/other`) },
  );
  const replace = await compare(
    'Replace a file of 10 MiB',
    10,
    {
      name: 'Sandglass',
      run: () => writeSandboxFile(sandglass, { sandbox, path: '/opt/file-0', bytes }),
    },
    { name: '`docker cp` in', run: () => cli('cp', file, `${container.Id}:/opt/other`) },
  );
  const read = await compare(
    'Read a file of 10 MiB',
    10,
    { name: 'Sandglass', run: () => readSandboxFile(sandglass, { sandbox, path: '/opt/file-0' }) },
    { name: '`docker cp` out', run: () => cli('cp', `${container.Id}:/opt/other`, file) },
  );
  await sandboxes.delete({ sandbox });
  await rm(folder, { recursive: true });
  return [write, replace, read];
}
