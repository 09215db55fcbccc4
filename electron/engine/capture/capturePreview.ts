import { setTimeout as sleep } from 'node:timers/promises';
import type { CapturePreview } from '#shared/contract/schemas/capturePreview';
import { SandglassError } from '#shared/errors';
import type { SandboxRecord } from '../catalog';
import type { CommandSessions } from '../commands';
import type { EngineContext } from '../context';
import { type FilesystemSize, withoutInit } from '../docker';
import type { Sandboxes } from '../sandboxes';
import type { Terminals } from '../terminals';
import { measureSizes } from './changeSizes';
import { ChangeTree } from './changeTree';
import { LeftOutParts } from './omittedParts';

/** While sizes are found out, they are told this often, in milliseconds; */
const TELL_MS = 300;
/** with many files more seldom: so many times what the telling itself takes. */
const REST_FACTOR = 9;

/** Says what a capture of a sandbox would keep, before it is made. */
export class CapturePreviews {
  constructor(
    private readonly context: EngineContext,
    private readonly sandboxes: Sandboxes,
    private readonly terminals: Terminals,
    private readonly commands: CommandSessions,
  ) {}

  /**
   * What a capture of a running, stopped or suspended sandbox would keep, as it is found out. It is read
   * from Docker alone: nothing in the sandbox is asked, written or started.
   *
   * @throws SandglassError `not_found`, `conflict` (it is still being made), `cancelled`,
   * `engine_unreachable`
   */
  async *preview(
    reference: string,
    signal?: AbortSignal,
  ): AsyncGenerator<CapturePreview, void, void> {
    const sandbox = this.requireMade(reference);
    const stop = new AbortController();
    const cancelled = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
    const stopListening = this.onDeletion(sandbox.id, () => stop.abort());
    try {
      yield* this.find(sandbox, cancelled);
    } catch (thrown) {
      if (!cancelled.aborted) throw thrown;
      throw new SandglassError('cancelled', 'The preview was cancelled.', { cause: thrown });
    } finally {
      stopListening();
      stop.abort();
    }
  }

  private async *find(
    sandbox: SandboxRecord & { containerId: string },
    signal: AbortSignal,
  ): AsyncGenerator<CapturePreview, void, void> {
    const { docker } = this.context;
    const { filesystems, storage } = docker;
    const { containerId } = sandbox;
    const [changes, leftOut] = await Promise.all([
      filesystems.changes(containerId, signal),
      LeftOutParts.find(this.context, sandbox, this.terminals, this.commands),
    ]);
    const tree = new ChangeTree(withoutInit(changes));
    let size: FilesystemSize | null = null;
    let volumeSizes: ReadonlyMap<string, number> = new Map();
    const measuring = async () => {
      size = await filesystems.size(containerId, signal);
      await measureSizes(docker, containerId, tree, size.totalBytes, signal);
      // Last, since older daemons count all they have for it. Without it the rest is as true.
      volumeSizes = await storage.volumeBytes(signal).catch(() => volumeSizes);
    };
    const describe = (state: CapturePreview['state']): CapturePreview => ({
      state,
      counts: tree.counts,
      layerBytes: size?.writtenBytes ?? null,
      totalBytes: size?.totalBytes ?? null,
      measured: tree.measured,
      entries: tree.entries(),
      leftOut: leftOut.describe(volumeSizes),
    });
    let isDone = false;
    const work = measuring().then(() => {
      isDone = true;
    });
    // What it means is told where it is waited for; nobody may be reading just then.
    work.catch(() => {});
    while (!isDone) {
      const startedAt = Date.now();
      const preview = describe('measuring');
      const restMs = Math.max(TELL_MS, (Date.now() - startedAt) * REST_FACTOR);
      yield preview;
      const rest = new AbortController();
      const resting = sleep(restMs, null, { signal: rest.signal }).catch(() => {});
      await Promise.race([work, resting]).finally(() => rest.abort());
    }
    yield describe('done');
  }

  private requireMade(reference: string): SandboxRecord & { containerId: string } {
    const sandbox = this.sandboxes.resolve(reference);
    const { containerId } = sandbox;
    if (containerId) return { ...sandbox, containerId };
    throw new SandglassError('conflict', `"${sandbox.name}" is still being made.`, {
      hint: 'Look at it when it is ready.',
    });
  }

  /** Reading it must not keep a sandbox from being deleted. */
  private onDeletion(sandboxId: string, stop: () => void): () => void {
    return this.context.changes.listen((change) => {
      const isDeletion = change.type === 'sandbox' && change.sandbox.activity === 'deleting';
      if (isDeletion && change.sandbox.id === sandboxId) stop();
    });
  }
}
