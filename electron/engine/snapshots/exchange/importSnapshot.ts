import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { SandglassError } from '#shared/errors';
import type { SnapshotRecord } from '../../catalog';
import type { EngineContext } from '../../context';
import type { ImageDetails } from '../../docker';
import { builderLabels } from '../../docker';
import type { TaskControl } from '../../tasks';
import { buildingRecord, refuseTakenTag, type SnapshotDescription } from '../newSnapshot';
import { snapshotFromImage } from '../snapshotFromImage';
import { snapshotImageReference } from '../snapshotImage';
import type { Snapshots } from '../snapshots';
import { type StartedSnapshot, startSnapshot } from '../snapshotTask';
import {
  type ArchiveKind,
  readDescription,
  type SnapshotDescriptionInFile,
  verifyArchive,
} from './snapshotArchive';

type ImportInput = Omit<SnapshotDescription, 'name'> & { name?: string; file: string };

/** Reads snapshots from files. */
export class SnapshotImport {
  constructor(
    private readonly context: EngineContext,
    private readonly snapshots: Snapshots,
  ) {}

  /**
   * Starts to import. What the caller does not say, the file does.
   *
   * @throws SandglassError `invalid_input` (no such file; a file that names no snapshot and no name
   * given), `name_taken`, `engine_unreachable`; later, as the task's: `checksum_mismatch`, `disk_full`
   */
  async start(input: ImportInput): Promise<StartedSnapshot> {
    const { context, snapshots } = this;
    context.requireDocker();
    const described = await readDescription(input.file);
    const record = this.recordOf(input, described);
    refuseTakenTag(context, { name: record.name, tag: record.tag ?? undefined });
    return startSnapshot(
      context,
      snapshots,
      { kind: 'snapshot.import' },
      record,
      async (control) => {
        const kind = await this.verify(input.file, control);
        return await this.withImageOf(input.file, kind, record, control, (image) =>
          snapshotFromImage(
            context,
            { ...record, imageDigest: record.imageDigest ?? image.imageId },
            image,
            control,
          ),
        );
      },
    );
  }

  private recordOf(
    input: ImportInput,
    described: SnapshotDescriptionInFile | null,
  ): SnapshotRecord {
    const name = input.name ?? described?.name;
    if (!name) {
      throw new SandglassError('invalid_input', 'name: this file names no snapshot; give a name.', {
        field: 'name',
      });
    }
    const tag = input.tag ?? (input.name ? undefined : (described?.tag ?? undefined));
    const record = buildingRecord(
      {
        name,
        tag,
        note: input.note ?? described?.note,
        labels: input.labels ?? described?.labels,
        fsCapacityBytes: input.fsCapacityBytes ?? described?.fsCapacityBytes ?? undefined,
      },
      {},
    );
    if (!described) return record;
    const { id, image, imageDigest, sourceSandboxId, sourceSandboxName } = described;
    const { parentSnapshotId, ancestors } = described;
    // With the id that it had, its own captures find it as their parent here too.
    const isKnown = this.context.catalog.snapshots.find(id) !== null;
    return {
      ...record,
      id: isKnown ? record.id : id,
      ...{ image, imageDigest, sourceSandboxId, sourceSandboxName, parentSnapshotId, ancestors },
    };
  }

  private async verify(file: string, control: TaskControl): Promise<ArchiveKind> {
    control.step('Checking the file');
    return await verifyArchive(file, await watched(file, control));
  }

  /** Has the file's image in Docker for as long as `use` runs, and every tag as it was after. */
  private async withImageOf<T>(
    file: string,
    kind: ArchiveKind,
    record: SnapshotRecord,
    control: TaskControl,
    use: (image: ImageDetails) => Promise<T>,
  ): Promise<T> {
    const { images } = this.context.docker;
    control.step('Reading it into Docker');
    const sent = await watched(file, control);
    if (kind === 'filesystem') {
      const marks = builderLabels({ home: this.context.identity, id: record.id });
      const imageId = await images.importFilesystem(
        createReadStream(file),
        Object.entries(marks).map(([key, value]) => `LABEL ${key}=${value}`),
        sent,
      );
      // Its image goes with the snapshot that is made of it.
      return await use(await images.inspect(imageId)).catch(async (thrown) => {
        await images.remove(imageId);
        throw thrown;
      });
    }
    const before = await images.tags();
    const loaded = await images.load(createReadStream(file), sent);
    try {
      control.throwIfCancelled();
      const [reference, ...others] = loaded;
      if (!reference || others.length > 0) {
        throw new SandglassError(
          'invalid_input',
          `file: it holds ${loaded.length} images, not one.`,
          {
            field: 'file',
            hint: 'Save one image alone: docker save IMAGE > FILE.',
          },
        );
      }
      return await use(await images.inspect(reference));
    } finally {
      await this.restoreTags(loaded, before, record);
    }
  }

  /**
   * A load gives its tags to the images it brings: those that were here get theirs back, and none stays but
   * the one that is the new snapshot's own.
   */
  private async restoreTags(
    loaded: string[],
    before: Map<string, string>,
    record: SnapshotRecord,
  ): Promise<void> {
    const { images } = this.context.docker;
    for (const reference of loaded) {
      const owner = before.get(reference);
      if (owner) await images.tag(owner, reference);
      else if (reference !== snapshotImageReference(record)) await images.remove(reference);
    }
  }
}

/** Tells a task how much of a file is done. */
async function watched(file: string, control: TaskControl) {
  const { size: bytesTotal } = await stat(file);
  let bytesDone = 0;
  return {
    signal: control.signal,
    onBytes: (bytes: number) => {
      bytesDone += bytes;
      control.progress({ bytesDone, bytesTotal, fraction: Math.min(bytesDone / bytesTotal, 1) });
    },
  };
}
