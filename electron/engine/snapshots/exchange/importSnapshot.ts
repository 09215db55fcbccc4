import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { SandglassError } from '#shared/errors';
import type { SnapshotRecord } from '../../catalog';
import type { EngineContext } from '../../context';
import type { ImageDetails } from '../../docker';
import { builderLabels } from '../../docker';
import type { TaskControl } from '../../tasks';
import { byteProgress } from '../byteProgress';
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

/** Imports snapshots from files. */
export class SnapshotImport {
  constructor(
    private readonly context: EngineContext,
    private readonly snapshots: Snapshots,
  ) {}

  /**
   * Starts to import. Omitted fields are read from the file.
   *
   * @throws SandglassError `invalid_input` (no such file, or neither it nor the input has a name),
   * `name_taken`, `engine_unreachable`; later errors are the task's: `checksum_mismatch`, `disk_full`
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
      throw new SandglassError(
        'invalid_input',
        'name: the file does not name a snapshot; specify a name.',
        {
          field: 'name',
        },
      );
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
    // It keeps its id, so that its imported descendants find it as their ancestor.
    const isKnown = this.context.catalog.snapshots.find(id) !== null;
    return {
      ...record,
      id: isKnown ? record.id : id,
      ...{ image, imageDigest, sourceSandboxId, sourceSandboxName, parentSnapshotId, ancestors },
    };
  }

  private async verify(file: string, control: TaskControl): Promise<ArchiveKind> {
    control.step('Verifying the file');
    return await verifyArchive(file, await fileProgress(file, control));
  }

  /** Keeps the file's image in Docker while `use` runs. Existing tags are the same afterwards. */
  private async withImageOf<T>(
    file: string,
    kind: ArchiveKind,
    record: SnapshotRecord,
    control: TaskControl,
    use: (image: ImageDetails) => Promise<T>,
  ): Promise<T> {
    const { imageArchives, images } = this.context.docker;
    control.step('Loading into Docker');
    const options = await fileProgress(file, control);
    if (kind === 'filesystem') {
      const labels = builderLabels({ home: this.context.identity, id: record.id });
      const imageId = await imageArchives.importFilesystem(createReadStream(file), labels, options);
      // Docker removes an untagged parent image together with its last child.
      return await use(await images.inspect(imageId)).catch(async (thrown) => {
        await images.remove(imageId);
        throw thrown;
      });
    }
    const before = await images.tags();
    const loaded = await imageArchives.load(createReadStream(file), options);
    try {
      control.throwIfCancelled();
      const [reference, ...others] = loaded;
      if (!reference || others.length > 0) {
        throw new SandglassError(
          'invalid_input',
          `file: it contains ${loaded.length} images instead of one.`,
          {
            field: 'file',
            hint: 'Save a single image: docker save IMAGE > FILE.',
          },
        );
      }
      return await use(await images.inspect(reference));
    } finally {
      await this.restoreTags(loaded, before, record);
    }
  }

  /**
   * Undoes the tags of a load, which moves existing ones to the loaded images: these are moved back, and
   * new ones are removed except for the snapshot's own.
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

/** Options of a transfer that shows its share of a file as the task's progress. */
async function fileProgress(file: string, control: TaskControl) {
  const { size } = await stat(file);
  return { signal: control.signal, onBytes: byteProgress(control, size) };
}
