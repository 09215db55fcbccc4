import type { Sandbox } from '#shared/contract/sandboxes';
import type { Snapshot } from '#shared/contract/snapshots';
import { SandglassError } from '#shared/errors';
import type { Engine } from '../../electron/engine/engine';
import { reachAgreement } from './agreement';
import type { Dockerd } from './dockerd';
import { dockerItself, endOf, eventually, openTestEngine, TEST_IMAGE } from './engine';
import type { Deed } from './engineProcess';
import { killWhile } from './killedEngine';
import { randomFrom } from './random';
import { runInSandbox } from './runInSandbox';
import { readSandboxFile, writeSandboxFile } from './sandboxFiles';

const MAX_SANDBOXES = 5;
const MAX_SNAPSHOTS = 6;
/** Number of operations between comparisons of catalog and Docker. */
const COMPARE_EVERY = 100;
const MARK = '/opt/mark';

type Action = [name: string, run: () => unknown];

/** Error codes of an operation that races with others or with a kill. */
const expected = new Set([
  ...['conflict', 'not_found', 'in_use', 'not_running', 'name_taken', 'cancelled'],
  ...['engine_unreachable', 'interrupted'],
]);

/**
 * Performs random operations, with kills of the app and the daemon. A mark that was written into a sandbox
 * must persist in it and in its captures.
 */
export class RandomRun {
  private readonly random: () => number;
  /** Expected mark by the id of a sandbox or snapshot; absent if a write was interrupted. */
  private readonly marks = new Map<string, string>();
  private readonly done: string[] = [];
  private count = 0;

  private constructor(
    seed: number,
    private readonly home: string,
    private readonly daemon: Dockerd,
    private sandglass: Engine,
  ) {
    this.random = randomFrom(seed);
  }

  static async start(seed: number, home: string, daemon: Dockerd): Promise<RandomRun> {
    const sandglass = await openTestEngine({
      home,
      host: daemon.host,
      lookInside: true,
      keepOpen: true,
    });
    return new RandomRun(seed, home, daemon, sandglass);
  }

  /** Closes the current engine. */
  async close(): Promise<void> {
    await this.sandglass.close();
  }

  /** @throws if an operation or a comparison fails, with the last operations in the message */
  async run(operations: number): Promise<Engine> {
    // A short run might have no kill by chance.
    const [killAppAt, killDaemonAt] = [Math.ceil(operations / 3), Math.ceil(operations / 2)];
    try {
      for (let i = 1; i <= operations; i += 1) {
        await this.step(i === killAppAt ? 'app' : i === killDaemonAt ? 'daemon' : null);
        if (i % COMPARE_EVERY === 0) await this.compare();
      }
      await this.compare();
      return this.sandglass;
    } catch (cause) {
      const last = this.done.slice(-12).join('\n  ');
      throw new Error(`After ${this.done.length} operations, the last:\n  ${last}\n${cause}`, {
        cause,
      });
    }
  }

  private async step(kill: 'app' | 'daemon' | null): Promise<void> {
    const { operations } = this.sandglass;
    const sandboxes = await operations.sandboxes.list();
    const { snapshots } = await operations.snapshots.list({});
    const kills = {
      app: ['kill the app', () => this.killApp(sandboxes, snapshots)],
      daemon: ['kill the daemon', () => this.killDaemon()],
    } satisfies Record<string, Action>;
    const [name, deed] = kill ? kills[kill] : this.pick(this.possible(sandboxes, snapshots));
    this.done.push(name);
    try {
      await deed();
    } catch (thrown) {
      const isExpected = thrown instanceof SandglassError && expected.has(thrown.code);
      if (!isExpected) throw thrown;
      this.done.push(`  ${thrown.code}`);
    }
  }

  private possible(sandboxes: Sandbox[], snapshots: Snapshot[]): Action[] {
    const deeds: Action[] = [];
    if (snapshots.length < MAX_SNAPSHOTS) deeds.push(['build', () => this.build()]);
    if (snapshots.length > 0) {
      const snapshot = this.pick(snapshots);
      deeds.push([`delete snapshot ${snapshot.name}`, () => this.deleteSnapshot(snapshot.id)]);
      if (sandboxes.length < MAX_SANDBOXES) {
        deeds.push([`boot ${snapshot.name}`, () => this.boot(snapshot)]);
        deeds.push([`boot ${snapshot.name}`, () => this.boot(snapshot)]);
      }
    }
    if (sandboxes.length > 0) {
      const { id, name } = this.pick(sandboxes);
      const all = this.sandglass.operations.sandboxes;
      const sandbox = id;
      deeds.push(
        [`start ${name}`, () => all.start({ sandbox })],
        [`stop ${name}`, () => all.stop({ sandbox })],
        [`suspend ${name}`, () => all.suspend({ sandbox })],
        [`rename ${name}`, () => all.update({ sandbox, name: this.name('box') })],
        [
          `run in ${name}`,
          () => runInSandbox(this.sandglass, { sandbox, command: 'echo run >> /opt/runs' }),
        ],
        [`write in ${name}`, () => this.write(id)],
        [`read in ${name}`, () => this.read(id)],
        [`start and stop ${name}`, () => this.both(id)],
        [`docker touches ${name}`, () => this.interfere(id)],
      );
      if (this.random() < 0.4) deeds.push([`delete ${name}`, () => this.deleteSandbox(id)]);
      if (snapshots.length < MAX_SNAPSHOTS) {
        deeds.push([`capture ${name}`, () => this.capture(id)]);
        deeds.push([`capture ${name} and cancel`, () => this.captureAndCancel(id)]);
      }
    }
    if (this.random() < 0.1) {
      deeds.push(['kill the app', () => this.killApp(sandboxes, snapshots)]);
      if (this.random() < 0.3) deeds.push(['kill the daemon', () => this.killDaemon()]);
    }
    return deeds;
  }

  private async build(): Promise<void> {
    const { operations } = this.sandglass;
    const input = { name: this.name('base'), image: TEST_IMAGE };
    const { task } = await operations.snapshots.create(input);
    await endOf(operations, task.id);
  }

  private async boot(snapshot: Snapshot): Promise<void> {
    const { operations } = this.sandglass;
    const { sandbox, task } = await operations.sandboxes.create({
      name: this.name('box'),
      snapshotId: snapshot.id,
    });
    await endOf(operations, task.id);
    const mark = this.marks.get(snapshot.id);
    if (mark !== undefined) this.marks.set(sandbox.id, mark);
  }

  private async capture(id: string): Promise<void> {
    const { operations } = this.sandglass;
    const { snapshot, task } = await operations.snapshots.capture({
      sandbox: id,
      name: this.name('captured'),
    });
    const mark = this.marks.get(id);
    const { state } = await endOf(operations, task.id);
    if (state === 'succeeded' && mark !== undefined) this.marks.set(snapshot.id, mark);
  }

  private async captureAndCancel(id: string): Promise<void> {
    const { operations } = this.sandglass;
    const input = { sandbox: id, name: this.name('cancelled') };
    const { task } = await operations.snapshots.capture(input);
    await operations.tasks.cancel({ id: task.id });
  }

  private async write(id: string): Promise<void> {
    const mark = `mark ${this.count} ${this.random()}`;
    // Unknown until the write has succeeded.
    this.marks.delete(id);
    await writeSandboxFile(this.sandglass, {
      sandbox: id,
      path: MARK,
      bytes: new TextEncoder().encode(mark),
    });
    this.marks.set(id, mark);
  }

  private async read(id: string): Promise<void> {
    const mark = this.marks.get(id);
    if (mark === undefined) return;
    const bytes = await readSandboxFile(this.sandglass, { sandbox: id, path: MARK });
    const found = new TextDecoder().decode(bytes);
    if (found !== mark) throw new Error(`"${found}" was read where "${mark}" was written.`);
  }

  private async both(id: string): Promise<void> {
    const { sandboxes } = this.sandglass.operations;
    const calls = [sandboxes.start({ sandbox: id }), sandboxes.stop({ sandbox: id })];
    const outcomes = await Promise.allSettled(calls);
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }

  private async deleteSandbox(id: string): Promise<void> {
    this.marks.delete(id);
    await this.sandglass.operations.sandboxes.delete({ sandbox: id });
  }

  private async deleteSnapshot(id: string): Promise<void> {
    await this.sandglass.operations.snapshots.delete({ id });
    this.marks.delete(id);
  }

  /** Stops, starts, pauses or removes the container behind the app's back. */
  private async interfere(id: string): Promise<void> {
    const docker = dockerItself(this.daemon.host);
    const filters = { label: [`dev.sandglass.id=${id}`, 'dev.sandglass.kind=sandbox'] };
    const [found] = await docker.listContainers({ all: true, filters });
    if (!found) return;
    const container = docker.getContainer(found.Id);
    const how = this.pick(['stop', 'start', 'pause', 'unpause', 'remove'] as const);
    this.done.push(`  ${how}`);
    if (how === 'remove') this.marks.delete(id);
    // Docker refuses what does not apply in the container's state.
    const doing =
      how === 'remove'
        ? container.remove({ force: true, v: true })
        : how === 'stop'
          ? container.stop({ t: 0 })
          : container[how]();
    await doing.catch(() => {});
  }

  private async killApp(sandboxes: Sandbox[], snapshots: Snapshot[]): Promise<void> {
    await this.sandglass.close();
    const choices: Deed[] = [
      { do: 'build', input: { name: this.name('killed'), image: TEST_IMAGE } },
    ];
    for (const { id } of sandboxes) {
      choices.push({ do: 'capture', input: { sandbox: id, name: this.name('killed') } });
      choices.push({ do: 'deleteSandbox', input: { sandbox: id } });
    }
    for (const { id } of snapshots) {
      choices.push({ do: 'boot', input: { snapshotId: id, name: this.name('killed') } });
    }
    const deed = this.pick(choices);
    if (deed.do === 'deleteSandbox') this.marks.delete(deed.input.sandbox);
    this.done.push(`  in the middle of ${deed.do}`);
    await killWhile(this.home, deed, this.random() * 300, this.daemon.host);
    this.sandglass = await openTestEngine({
      home: this.home,
      host: this.daemon.host,
      keepOpen: true,
    });
  }

  private async killDaemon(): Promise<void> {
    await this.daemon.kill();
    await this.daemon.restart();
    await eventually(
      async () => (await this.sandglass.operations.engine.retry()).state === 'ready',
    );
  }

  private async compare(): Promise<void> {
    const docker = dockerItself(this.daemon.host);
    await reachAgreement(this.sandglass, docker);
    for (const { id } of await this.sandglass.operations.sandboxes.list()) await this.read(id);
  }

  private name(prefix: string): string {
    this.count += 1;
    return `${prefix}-${this.count}`;
  }

  private pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.random() * from.length)] as T;
  }
}
