import { rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import type { Task } from '#shared/contract/tasks';
import { SandglassError } from '#shared/errors';
import { formatBytes } from '#shared/format';
import type { EngineContext } from '../../context';
import { byteProgress } from '../byteProgress';
import { imageOf } from '../snapshotImage';
import type { Snapshots } from '../snapshots';
import { writeArchive } from './snapshotArchive';

/** Exports snapshots to files. */
export class SnapshotExport {
  constructor(
    private readonly context: EngineContext,
    private readonly snapshots: Snapshots,
  ) {}

  /**
   * Starts to export. An existing file is replaced when the new one is complete.
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
    const { task } = context.tasks.start(
      {
        kind: 'snapshot.export',
        subject: snapshot.name,
        snapshotId: id,
        cancellable: true,
      },
      async (control) => {
        control.step(`Writing ${file}`);
        await context.tempFiles.use(dirname(file), async (draft) => {
          const saved = await context.docker.imageArchives.save(imageOf(snapshot));
          await writeArchive(draft, { format: 1, ...snapshot }, saved as Readable, {
            signal: control.signal,
            onBytes: byteProgress(control, snapshot.sizeBytes),
          });
          await rename(draft, file);
        });
        control.outcome(`${formatBytes((await stat(file)).size)} in ${file}`);
      },
    );
    return { task };
  }
}
