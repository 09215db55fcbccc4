import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { inject, onTestFinished } from 'vitest';
import type { OperationInputs, Operations } from '#shared/contract/index';
import type { Sandbox } from '#shared/contract/sandboxes';
import type { Snapshot } from '#shared/contract/snapshots';
import type { Task } from '#shared/contract/tasks';
import { SandglassError } from '#shared/errors';
import { type Engine, openEngine } from '../../electron/engine/engine';
import { TEST_IMAGE } from './images';
import type { WorkerDaemon } from './workerDaemons';

export { contentsOf, type DockerContents } from './dockerContents';
export { TEST_IMAGE };

/** Makes a home folder, which is removed after the test. */
export async function freshHome(): Promise<string> {
  const home = await newHome();
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  return home;
}

/** Makes a home folder, which the caller removes. */
export function newHome(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'sandglass-home-'));
}

/**
 * Opens the engine on the worker's daemon and waits for the connection. It is closed after the test, or,
 * with `keepOpen`, by a file that shares it between tests; closing twice has no effect. A home that the
 * caller passes is kept.
 */
export async function openTestEngine(
  options: {
    home?: string;
    host?: string;
    keepOpen?: boolean;
    gitProtocols?: string[];
    env?: NodeJS.ProcessEnv;
    /** Index snapshots in the background, as the app does; off for tests that count containers. */
    lookInside?: boolean;
  } = {},
): Promise<Engine> {
  const home = options.home ?? (options.keepOpen ? await newHome() : await freshHome());
  const sandglass = openEngine({
    home,
    env: { ...options.env, DOCKER_HOST: options.host ?? dockerHost() },
    gitProtocols: options.gitProtocols,
    onError: (thrown) => console.error('engine, in the background:', thrown),
  });
  await sandglass.operations.settings.update({ lookInside: options.lookInside ?? false });
  let closing: Promise<void> | null = null;
  const close = () => {
    closing ??= sandglass.close().then(async () => {
      if (options.keepOpen && !options.home) await rm(home, { recursive: true, force: true });
    });
    return closing;
  };
  if (!options.keepOpen) onTestFinished(close);
  await sandglass.operations.engine.retry();
  return { ...sandglass, close };
}

/** The private daemon of the test worker that runs this file. */
export function workerDaemon(): WorkerDaemon {
  const daemon = inject('workerDaemons')[Number(process.env.VITEST_POOL_ID) - 1];
  if (!daemon) throw new Error(`Test worker ${process.env.VITEST_POOL_ID} has no daemon.`);
  return daemon;
}

/** Value for `DOCKER_HOST`: the worker's daemon. */
export function dockerHost(): string {
  return workerDaemon().host;
}

/** A Docker client, to compare the engine's results with. */
export function dockerItself(host: string = dockerHost()): Docker {
  return new Docker({ socketPath: host.replace('unix://', '') });
}

/** Builds a snapshot and waits for the end of the task. */
export async function buildSnapshot(
  operations: Operations,
  input: Partial<OperationInputs['snapshots']['create']> = {},
): Promise<Snapshot> {
  const { snapshot, task } = await operations.snapshots.create({
    name: 'base',
    image: TEST_IMAGE,
    ...input,
  });
  await succeed(operations, task.id);
  return await operations.snapshots.get({ id: snapshot.id });
}

export async function bootSandbox(
  operations: Operations,
  input: OperationInputs['sandboxes']['create'],
): Promise<Sandbox> {
  const { sandbox, task } = await operations.sandboxes.create(input);
  await succeed(operations, task.id);
  return await operations.sandboxes.get({ sandbox: sandbox.id });
}

export async function captureSandbox(
  operations: Operations,
  input: OperationInputs['snapshots']['capture'],
): Promise<Snapshot> {
  const { snapshot, task } = await operations.snapshots.capture(input);
  await succeed(operations, task.id);
  return await operations.snapshots.get({ id: snapshot.id });
}

async function succeed(operations: Operations, taskId: string): Promise<void> {
  const ended = await endOf(operations, taskId);
  if (ended.error) throw SandglassError.fromInfo(ended.error);
  if (ended.state !== 'succeeded') throw new Error(`The task ended ${ended.state}.`);
}

/** Waits for the end of a task; the test's timeout is the limit. */
export async function endOf(operations: Operations, taskId: string): Promise<Task> {
  return await operations.tasks.wait({ id: taskId, timeoutSeconds: 3600 });
}

/** Returns the error of a call that must be refused. */
export async function refusal(call: Promise<unknown>): Promise<SandglassError> {
  const outcome = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (outcome instanceof SandglassError) return outcome;
  throw new Error(`Expected a SandglassError, got ${String(outcome)}`);
}

/** Removes all sandboxes and snapshots of a home. */
export async function removeEverything({ operations }: Engine): Promise<void> {
  for (const { id } of await operations.sandboxes.list()) {
    await operations.sandboxes.delete({ sandbox: id });
  }
  const { snapshots } = await operations.snapshots.list({ limit: 500 });
  for (const { id } of snapshots) await operations.snapshots.delete({ id });
}

/** Polls until a condition holds; the test's timeout is the limit. */
export async function eventually<T>(look: () => Promise<T | null | false | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/**
 * Polls for a brief state at each turn of the event loop, on which the engine runs too. Only for
 * conditions that read the engine, not Docker.
 */
export async function asSoonAs<T>(look: () => Promise<T | null | false | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found) return found;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
