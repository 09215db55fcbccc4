import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Engine, openEngine } from '../../electron/engine/engine';
import { startDockerd } from '../support/dockerd';
import { importBusybox } from '../support/images';
import { manySnapshots } from '../support/manySnapshots';
import { type Comparison, type Contender, compare } from './measure';

const exec = promisify(execFile);

const COUNT = 2000;

/** A start with many snapshots, compared with Docker's own list of the same images. */
export async function benchStarts(): Promise<Comparison[]> {
  const daemon = await startDockerd();
  await importBusybox(daemon.host);
  const home = await mkdtemp(join(tmpdir(), 'sandglass-home-'));
  await manySnapshots(daemon, home, COUNT);
  const docker = async (...args: string[]) =>
    (await exec('docker', ['-H', daemon.host, ...args], { maxBuffer: 2 ** 28 })).stdout;
  const ids = (await docker('image', 'ls', '--quiet', '--no-trunc')).trim().split('\n');
  let sandglass: Engine;
  const starting = (ready: (started: Engine) => Promise<unknown>): Contender => ({
    name: 'Sandglass',
    run: async () => {
      sandglass = openEngine({ home, env: { DOCKER_HOST: daemon.host } });
      await ready(sandglass);
    },
    after: () => sandglass.close(),
  });
  const compared = starting(({ operations }) => operations.engine.retry());
  const rebuilt = await compare(
    `Rebuild the catalog of ${COUNT} snapshots from Docker`,
    3,
    { ...compared, before: () => removeCatalog(home) },
    { name: '`docker image inspect` of all', run: () => docker('image', 'inspect', ...ids) },
  );
  const list = { name: '`docker image ls`', run: () => docker('image', 'ls') };
  const listed = await compare(
    `Start with ${COUNT} snapshots, until they are listed`,
    5,
    starting(({ operations }) => operations.snapshots.list({ limit: 50 })),
    list,
  );
  const whole = await compare('The same, until all are compared with Docker', 5, compared, list);
  await rm(home, { recursive: true });
  await daemon.stop();
  return [rebuilt, listed, whole];
}

async function removeCatalog(home: string): Promise<void> {
  for (const part of ['', '-wal', '-shm']) {
    await rm(join(home, `catalog.sqlite${part}`), { force: true });
  }
}
