import { posix } from 'node:path';
import type { Task } from '#shared/contract/tasks';
import type { EngineContext } from '../context';
import { goModeBits, isDirectory, notAFile, type PathStat } from '../docker';
import { copyOut, requireHostFolder } from '../host';
import type { SnapshotContainers } from '../snapshots';
import { resolveFile } from './snapshotFile';
import type { Located } from './worker';

/** Copies files and folders out of snapshots without booting a sandbox. */
export class Saves {
  constructor(
    private readonly context: EngineContext,
    private readonly containers: SnapshotContainers,
    /** Looks a path up in the index; rejects with `conflict` before the snapshot is indexed. */
    private readonly locate: (id: string, path: string) => Promise<Located>,
  ) {}

  /**
   * Starts a task that copies a file or folder of a snapshot into a folder of the host.
   *
   * @throws SandglassError `invalid_input` (no such folder), `not_found`, `file_not_found`, `not_a_file`,
   * `engine_unreachable`
   */
  async start(input: { snapshotId: string; path: string; to: string }): Promise<{ task: Task }> {
    const { snapshotId, path } = input;
    const { archive } = this.context.docker;
    const to = await requireHostFolder(input.to);
    const found = await this.containers.use(snapshotId, async ({ containerId }) => {
      const at = await resolveFile(archive, containerId, path);
      if ((at.stat.goMode % goModeBits.directory) & goModeBits.special) {
        throw notAFile(path, 'is a device or a pipe');
      }
      return { ...at, bytesTotal: await this.bytesOf(snapshotId, at) };
    });
    // The copy of a link's target keeps the link's name.
    const name = posix.basename(posix.resolve('/', path)) || this.nameOf(snapshotId);
    const { bytesTotal } = found;
    const { tempFiles, tasks } = this.context;
    const { task } = tasks.start(
      { kind: 'contents.save', subject: name, snapshotId, cancellable: true },
      async (control) => {
        control.step(`Saving ${path} to ${to}`);
        let bytesDone = 0;
        const onBytes = (bytes: number) => {
          bytesDone += bytes;
          const fraction = bytesTotal ? Math.min(bytesDone / bytesTotal, 1) : null;
          control.progress({ bytesDone, bytesTotal, fraction });
        };
        const saved = await this.containers.use(snapshotId, async ({ containerId }, released) => {
          const signal = AbortSignal.any([control.signal, released]);
          signal.throwIfAborted();
          const packed = await archive.pack(containerId, found.path);
          return await copyOut(tempFiles, packed, { folder: to, name }, { signal, onBytes });
        });
        control.outcome(`Saved as ${saved}`);
      },
    );
    return { task };
  }

  private nameOf(snapshotId: string): string {
    const name = this.context.catalog.snapshots.find(snapshotId)?.name ?? 'snapshot';
    return name.replaceAll('/', '-');
  }

  /** Returns the size in bytes; null for a folder of a snapshot that is not indexed. */
  private async bytesOf(
    snapshotId: string,
    { path, stat: { sizeBytes, ...found } }: { path: string; stat: PathStat },
  ): Promise<number | null> {
    if (!isDirectory({ sizeBytes, ...found })) return sizeBytes;
    const located = await this.locate(snapshotId, path).catch(() => null);
    return located?.entry.sizeBytes ?? null;
  }
}
