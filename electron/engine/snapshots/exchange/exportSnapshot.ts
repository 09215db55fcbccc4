import { rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import type { Task } from '#shared/contract/tasks';
import { SandglassError } from '#shared/errors';
import { formatBytes } from '#shared/format';
import type { EngineContext } from '../../context';
import { snapshotImageReference } from '../snapshotImage';
import type { Snapshots } from '../snapshots';
import { writeArchive } from './snapshotArchive';

/** Writes snapshots to files. */
export class SnapshotExport {
  constructor(
    private readonly context: EngineContext,
    private readonly snapshots: Snapshots,
  ) {}

  /**
   * Starts to export. A file that is there is replaced when the new one is whole.
   *
   * @throws SandglassError `not_found`, `conflict` (not ready), `invalid_input` (no such folder)
   */
  async start(id: string, file: string): Promise<{ task: Task }> {
    const { context } = this;
    const snapshot = this.snapshots.resolve({ snapshotId: id });
    context.requireDocker();
    const folder = await stat(dirname(file)).catch(() => null);
    if (!folder?.isDirectory()) {
      throw new SandglassError('invalid_input', `file: the folder of ${file} does not exist.`, {
        field: 'file',
      });
    }
    const total = snapshot.sizeBytes;
    const { task } = context.tasks.start(
      {
        kind: 'snapshot.export',
        subject: snapshot.name,
        snapshotId: id,
        cancellable: true,
      },
      async (control) => {
        control.step(`Writing ${file}`);
        let done = 0;
        const onBytes = (bytes: number) => {
          done += bytes;
          const fraction = total ? Math.min(done / total, 1) : null;
          control.progress({ bytesDone: done, bytesTotal: total, fraction });
        };
        await context.tempFiles.use(dirname(file), async (draft) => {
          const saved = await context.docker.images.save(
            snapshot.dockerImage ?? snapshotImageReference(snapshot),
          );
          await writeArchive(draft, { format: 1, ...snapshot }, saved as Readable, {
            signal: control.signal,
            onBytes,
          });
          await rename(draft, file);
        });
        control.outcome(`${formatBytes((await stat(file)).size)} in ${file}`);
      },
    );
    return { task };
  }
}
