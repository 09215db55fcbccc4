import type { EngineContext } from '../context';
import { os } from '../operations';
import type { Credentials } from '../registries';
import type { SettingsStore } from '../settings';
import { DefaultRuntime, DockerfileBuilder, localImages, SnapshotBuilder } from './build';
import { SnapshotDuplicate } from './duplicate';
import { SnapshotExport, SnapshotImport } from './exchange';
import { SnapshotContainers } from './snapshotContainers';
import { Snapshots } from './snapshots';

export type { DefaultRuntime } from './build';
export { commitSnapshot } from './commitSnapshot';
export { comparablePath, readTar } from './layer';
export {
  buildingRecord,
  finishedRecord,
  readFinished,
  refuseTakenTag,
  type SnapshotDescription,
} from './newSnapshot';
export type { SnapshotContainers } from './snapshotContainers';
export { refuseTooSmall, snapshotFromImage } from './snapshotFromImage';
export { buildReference, imageOf, snapshotImageReference } from './snapshotImage';
export type { Snapshots } from './snapshots';
export { type StartedSnapshot, startSnapshot } from './snapshotTask';

export interface SnapshotsNeeds {
  credentials: Credentials;
  settings: SettingsStore;
}

/** Opens the room of snapshots: builds, imports, exports, duplicates, finds and deletes them. */
export function openSnapshots(context: EngineContext, { credentials, settings }: SnapshotsNeeds) {
  const containers = new SnapshotContainers(context);
  const snapshots = new Snapshots(context, containers);
  const builder = new SnapshotBuilder(context, snapshots, credentials);
  const dockerfiles = new DockerfileBuilder(context, snapshots);
  const exporter = new SnapshotExport(context, snapshots);
  const importer = new SnapshotImport(context, snapshots);
  const duplicate = new SnapshotDuplicate(context, snapshots);
  return {
    snapshots,
    containers,
    defaultRuntime: new DefaultRuntime(context, settings, builder, snapshots),
    imageOperations: {
      images: os.engine.images.handler(async () => ({
        references: await localImages(context.docker),
      })),
    },
    operations: {
      create: os.snapshots.create.handler(({ input }) => builder.start(input)),
      build: os.snapshots.build.handler(({ input }) => dockerfiles.start(input)),
      import: os.snapshots.import.handler(({ input }) => importer.start(input)),
      duplicate: os.snapshots.duplicate.handler(({ input }) => duplicate.start(input)),
      export: os.snapshots.export.handler(({ input }) => exporter.start(input.id, input.file)),
      update: os.snapshots.update.handler(({ input: { id, ...change } }) =>
        snapshots.update(id, change),
      ),
      list: os.snapshots.list.handler(({ input }) => snapshots.list(input)),
      find: os.snapshots.find.handler(({ input }) =>
        snapshots.resolve({ snapshotName: input.name }),
      ),
      get: os.snapshots.get.handler(({ input }) => snapshots.get(input.id)),
      delete: os.snapshots.delete.handler(({ input }) => snapshots.delete(input.id)),
    },
  };
}

export type SnapshotsRoom = ReturnType<typeof openSnapshots>;
