import { setTimeout as sleep } from 'node:timers/promises';
import type { CapturePreview } from '#shared/contract/schemas/capturePreview';
import { SandglassError } from '#shared/errors';
import type { CommandSessions } from '../commands';
import type { EngineContext } from '../context';
import { type FilesystemSize, withoutInit } from '../docker';
import type { Sandboxes } from '../sandboxes';
import type { Terminals } from '../terminals';
import { measureSizes } from './changeSizes';
import { ChangeTree } from './changeTree';
import { type CreatedSandbox, createdSandbox } from './createdSandbox';
import { OmittedParts } from './omittedParts';

/** Shortest time between two previews while sizes are measured. */
const MIN_PREVIEW_INTERVAL_MS = 300;
/** Pause after a preview, as a multiple of the time that it took to create: at most 10 % load. */
const PAUSE_FACTOR = 9;

/** Previews of captures: the paths that a capture of a sandbox would contain, with sizes. */
export class CapturePreviews {
  constructor(
    private readonly context: EngineContext,
    private readonly sandboxes: Sandboxes,
    private readonly terminals: Terminals,
    private readonly commands: CommandSessions,
  ) {}

  /**
   * Previews a capture of a running, stopped or suspended sandbox. Yields growing results, the last one with
   * the state `done`. All data is read from Docker: no process runs in the sandbox for it.
   *
   * @throws SandglassError `not_found`, `conflict` (still being created), `cancelled`,
   * `engine_unreachable`
   */
  async *preview(
    reference: string,
    signal?: AbortSignal,
  ): AsyncGenerator<CapturePreview, void, void> {
    const sandbox = createdSandbox(this.sandboxes, reference);
    const stop = new AbortController();
    const cancelled = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
    const stopListening = this.onDeletion(sandbox.id, () => stop.abort());
    try {
      yield* this.measure(sandbox, cancelled);
    } catch (thrown) {
      if (!cancelled.aborted) throw thrown;
      throw new SandglassError('cancelled', 'The preview was cancelled.', { cause: thrown });
    } finally {
      stopListening();
      stop.abort();
    }
  }

  private async *measure(
    sandbox: CreatedSandbox,
    signal: AbortSignal,
  ): AsyncGenerator<CapturePreview, void, void> {
    const { docker } = this.context;
    const { filesystems, storage } = docker;
    const { containerId } = sandbox;
    const [changes, omitted] = await Promise.all([
      filesystems.changes(containerId, signal),
      OmittedParts.find(this.context, sandbox, this.terminals, this.commands),
    ]);
    const tree = new ChangeTree(withoutInit(changes));
    let size: FilesystemSize | null = null;
    let volumeSizes: ReadonlyMap<string, number> = new Map();
    const measuring = async () => {
      size = await filesystems.size(containerId, signal);
      await measureSizes(docker, containerId, tree, size.totalBytes, signal);
      // Last, because older daemons measure all of their storage for it. Optional.
      volumeSizes = await storage.volumeBytes(signal).catch(() => volumeSizes);
    };
    const describe = (state: CapturePreview['state']): CapturePreview => ({
      state,
      counts: tree.counts,
      layerBytes: size?.writtenBytes ?? null,
      totalBytes: size?.totalBytes ?? null,
      measured: tree.measured,
      entries: tree.entries(),
      leftOut: omitted.describe(volumeSizes),
    });
    let isDone = false;
    const work = measuring().then(() => {
      isDone = true;
    });
    // Promise.race below throws the same error; the consumer may have left before.
    work.catch(() => {});
    while (!isDone) {
      const startedAt = Date.now();
      const preview = describe('measuring');
      const creationMs = Date.now() - startedAt;
      const pauseMs = Math.max(MIN_PREVIEW_INTERVAL_MS, creationMs * PAUSE_FACTOR);
      yield preview;
      const pause = new AbortController();
      const paused = sleep(pauseMs, null, { signal: pause.signal }).catch(() => {});
      await Promise.race([work, paused]).finally(() => pause.abort());
    }
    yield describe('done');
  }

  /** A preview ends when its sandbox is deleted, so that it does not delay that. */
  private onDeletion(sandboxId: string, stop: () => void): () => void {
    return this.context.changes.listen((change) => {
      const isDeletion = change.type === 'sandbox' && change.sandbox.activity === 'deleting';
      if (isDeletion && change.sandbox.id === sandboxId) stop();
    });
  }
}
