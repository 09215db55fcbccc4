import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Docker from 'dockerode';
import { type Engine, openEngine } from '../../electron/engine/engine';
import { startDockerd } from '../support/dockerd';
import { importBusybox } from '../support/images';

/** Environment of the benchmarks: a daemon, an engine on it, and the docker command. */
export interface Setting {
  host: string;
  docker: Docker;
  sandglass: Engine;
  /** A snapshot of the tests' image, named `base`. */
  snapshotId: string;
  /** Runs the docker command on the same daemon. */
  cli: (...args: string[]) => Promise<string>;
  /** Boots a sandbox. Returns its id when it is ready. */
  boot: (name: string) => Promise<string>;
  /** Waits for the success of a task. */
  succeed: (task: { id: string }) => Promise<void>;
  close: () => Promise<void>;
}

export async function prepareSetting(): Promise<Setting> {
  const daemon = await startDockerd();
  await importBusybox(daemon.host);
  const home = await mkdtemp(join(tmpdir(), 'sandglass-home-'));
  const sandglass = openEngine({ home, env: { DOCKER_HOST: daemon.host } });
  const { operations } = sandglass;
  await operations.engine.retry();
  const succeed = async ({ id }: { id: string }) => {
    const { state, error } = await operations.tasks.wait({ id, timeoutSeconds: 600 });
    if (state !== 'succeeded') throw new Error(error?.message ?? state);
  };
  const { snapshot, task } = await operations.snapshots.create({
    name: 'base',
    image: 'sandglass-test/busybox:1',
  });
  await succeed(task);
  return {
    host: daemon.host,
    docker: new Docker({ socketPath: daemon.host.replace('unix://', '') }),
    sandglass,
    snapshotId: snapshot.id,
    cli: async (...args) => {
      const options = { maxBuffer: 2 ** 28, encoding: 'buffer' as const };
      const { stdout } = await promisify(execFile)('docker', ['-H', daemon.host, ...args], options);
      return stdout.toString('latin1').trim();
    },
    boot: async (name) => {
      const made = await operations.sandboxes.create({ name, snapshotId: snapshot.id });
      await succeed(made.task);
      return made.sandbox.id;
    },
    succeed,
    close: async () => {
      await sandglass.close();
      await rm(home, { recursive: true });
      await daemon.stop();
    },
  };
}
