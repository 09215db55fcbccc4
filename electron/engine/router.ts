import { implement } from '@orpc/server';
import { contract } from '#shared/contract/index';
import type { SnapshotCapture } from './capture/capture';
import type { CapturePreviews } from './capture/capturePreview';
import type { Changes } from './changes';
import type { Commands } from './commands/commands';
import type { TextComparisons } from './contents/compareText';
import type { Contents } from './contents/contents';
import type { FilePreviews } from './contents/filePreviews';
import type { Saves } from './contents/saves';
import type { Disk } from './disk/disk';
import type { Reclaim } from './disk/reclaim';
import type { Reclaimables } from './disk/reclaimables';
import type { DockerConnection } from './docker/connection';
import type { Copies } from './files/copies';
import type { Files } from './files/files';
import type { Folders } from './files/folders';
import type { FileSearch } from './files/search';
import { wireErrors } from './lib/operationErrors';
import type { LocalApiDoor } from './localApiControl';
import type { Registries } from './registries/registries';
import type { SandboxBoot } from './sandboxes/boot';
import type { Sandboxes } from './sandboxes/sandboxes';
import type { ServiceShares } from './services/serviceShares';
import type { SettingsStore } from './settings';
import type { SnapshotBuilder } from './snapshots/build';
import type { DockerfileBuilder } from './snapshots/dockerfile';
import type { SnapshotDuplicate } from './snapshots/duplicate';
import type { SnapshotExport } from './snapshots/exchange/exportSnapshot';
import type { SnapshotImport } from './snapshots/exchange/importSnapshot';
import { localImages } from './snapshots/localImages';
import type { Snapshots } from './snapshots/snapshots';
import type { Tasks } from './tasks/tasks';
import type { Terminals } from './terminals/terminals';

/** Everything that does the work of the operations. */
export interface Services {
  changes: Changes;
  connection: DockerConnection;
  settings: SettingsStore;
  contents: Contents;
  texts: TextComparisons;
  filePreviews: FilePreviews;
  saves: Saves;
  tasks: Tasks;
  snapshots: Snapshots;
  builder: SnapshotBuilder;
  dockerfiles: DockerfileBuilder;
  capture: SnapshotCapture;
  previews: CapturePreviews;
  exporter: SnapshotExport;
  importer: SnapshotImport;
  duplicate: SnapshotDuplicate;
  sandboxes: Sandboxes;
  boot: SandboxBoot;
  commands: Commands;
  files: Files;
  folders: Folders;
  search: FileSearch;
  copies: Copies;
  terminals: Terminals;
  registries: Registries;
  shares: ServiceShares;
  localApi: LocalApiDoor;
  disk: Disk;
  reclaimables: Reclaimables;
  reclaim: Reclaim;
}

export type Router = ReturnType<typeof createRouter>;

/** The contract's operations, each handed to the service that does it. Input is valid here. */
export function createRouter(services: Services) {
  const { changes, connection, settings, tasks, snapshots, sandboxes, terminals, registries } =
    services;
  const { contents, localApi } = services;
  const os = implement(contract).use(wireErrors);
  return os.router({
    disk: {
      usage: os.disk.usage.handler(() => services.disk.usage()),
      freedBy: os.disk.freedBy.handler(async ({ input }) => ({
        bytes: await services.disk.freedBy(input.snapshotIds),
      })),
      reclaimable: os.disk.reclaimable.handler(() => services.reclaimables.list()),
      reclaimPreview: os.disk.reclaimPreview.handler(async ({ input }) => ({
        bytes: await services.reclaimables.preview(input),
      })),
      reclaim: os.disk.reclaim.handler(({ input }) => services.reclaim.start(input)),
    },
    contents: {
      status: os.contents.status.handler(() => contents.status()),
      readAgain: os.contents.readAgain.handler(({ input }) => contents.readAgain(input.snapshotId)),
      picture: os.contents.picture.handler(({ input }) => contents.picture(input.snapshotId)),
      list: os.contents.list.handler(({ input: { snapshotId: id, ...rest } }) =>
        contents.calls.list({ id, ...rest }),
      ),
      packages: os.contents.packages.handler(async ({ input }) => ({
        packages: await contents.calls.packages({ id: input.snapshotId }),
      })),
      compare: os.contents.compare.handler(({ input }) => contents.calls.compare(input)),
      comparePackages: os.contents.comparePackages.handler(async ({ input }) => ({
        differences: await contents.calls.comparePackages(input),
      })),
      compareTree: os.contents.compareTree.handler(({ input }) =>
        contents.calls.compareTree(input),
      ),
      compareText: os.contents.compareText.handler(({ input }) =>
        services.texts.compare(input.fromId, input.toId, input.path),
      ),
      search: os.contents.search.handler(({ input, signal }) => contents.search(input, signal)),
      locate: os.contents.locate.handler(({ input: { snapshotId: id, path } }) =>
        contents.calls.locate({ id, path }),
      ),
      preview: os.contents.preview.handler(({ input, signal }) =>
        services.filePreviews.preview(input.snapshotId, input.path, signal),
      ),
      save: os.contents.save.handler(({ input }) => services.saves.start(input)),
    },
    engine: {
      status: os.engine.status.handler(() => connection.status),
      retry: os.engine.retry.handler(() => connection.connect()),
      images: os.engine.images.handler(async () => ({
        references: await localImages(connection.docker),
      })),
    },
    events: {
      subscribe: os.events.subscribe.handler(({ signal }) => changes.stream(signal)),
    },
    localApi: {
      status: os.localApi.status.handler(() => localApi.status()),
      key: os.localApi.key.handler(() => ({ key: localApi.key() })),
      rotateKey: os.localApi.rotateKey.handler(() => {
        localApi.rotateKey();
        return { key: localApi.key() };
      }),
      retry: os.localApi.retry.handler(() => localApi.retry()),
    },
    services: {
      share: os.services.share.handler(({ input }) => services.shares.share(input)),
      list: os.services.list.handler(({ input }) => services.shares.list(input.sandbox)),
      revoke: os.services.revoke.handler(({ input }) =>
        services.shares.revoke(input.sandbox, input.port),
      ),
    },
    settings: {
      get: os.settings.get.handler(() => settings.get()),
      update: os.settings.update.handler(({ input }) => settings.update(input)),
    },
    tasks: {
      list: os.tasks.list.handler(() => tasks.list()),
      get: os.tasks.get.handler(({ input }) => tasks.get(input.id)),
      cancel: os.tasks.cancel.handler(({ input }) => tasks.cancel(input.id)),
      wait: os.tasks.wait.handler(({ input }) => tasks.wait(input.id, input.timeoutSeconds)),
      log: os.tasks.log.handler(({ input }) => ({ text: tasks.log(input.id) })),
      clearEnded: os.tasks.clearEnded.handler(() => tasks.clearEnded()),
    },
    snapshots: {
      create: os.snapshots.create.handler(({ input }) => services.builder.start(input)),
      capture: os.snapshots.capture.handler(({ input: { builtImage, exclude, ...input } }) =>
        builtImage === undefined
          ? services.capture.start({ ...input, exclude })
          : services.capture.startFromBuilt({ ...input, builtImage }),
      ),
      previewCapture: os.snapshots.previewCapture.handler(({ input, signal }) =>
        services.previews.preview(input.sandbox, signal),
      ),
      build: os.snapshots.build.handler(({ input }) => services.dockerfiles.start(input)),
      import: os.snapshots.import.handler(({ input }) => services.importer.start(input)),
      duplicate: os.snapshots.duplicate.handler(({ input }) => services.duplicate.start(input)),
      export: os.snapshots.export.handler(({ input }) =>
        services.exporter.start(input.id, input.file),
      ),
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
    sandboxes: {
      create: os.sandboxes.create.handler(({ input }) => services.boot.start(input)),
      list: os.sandboxes.list.handler(() => sandboxes.list()),
      get: os.sandboxes.get.handler(({ input }) => sandboxes.get(input.sandbox)),
      update: os.sandboxes.update.handler(({ input: { sandbox, ...change } }) =>
        sandboxes.update(sandbox, change),
      ),
      start: os.sandboxes.start.handler(({ input }) =>
        sandboxes.start(input.sandbox, input.timeoutSeconds),
      ),
      stop: os.sandboxes.stop.handler(({ input }) => sandboxes.stop(input.sandbox)),
      suspend: os.sandboxes.suspend.handler(({ input }) => sandboxes.suspend(input.sandbox)),
      delete: os.sandboxes.delete.handler(({ input }) => sandboxes.delete(input.sandbox)),
      run: os.sandboxes.run.handler(({ input, signal }) => services.commands.run(input, signal)),
      runStream: os.sandboxes.runStream.handler(({ input, signal }) =>
        services.commands.stream(input, signal),
      ),
      killCommand: os.sandboxes.killCommand.handler(({ input }) =>
        services.commands.kill(input.commandId),
      ),
      readFile: os.sandboxes.readFile.handler(({ input: { sandbox, path, ...part } }) =>
        services.files.read(sandbox, path, part),
      ),
      writeFile: os.sandboxes.writeFile.handler(({ input }) =>
        services.files.write(input.sandbox, input.path, input.bytes),
      ),
      statFile: os.sandboxes.statFile.handler(({ input }) =>
        services.files.stat(input.sandbox, input.path),
      ),
      listFiles: os.sandboxes.listFiles.handler(({ input }) =>
        services.folders.list(input.sandbox, input.path),
      ),
      globFiles: os.sandboxes.globFiles.handler(({ input }) =>
        services.search.glob(input.sandbox, input.path, input.pattern, input.limit),
      ),
      grepFiles: os.sandboxes.grepFiles.handler(({ input }) =>
        services.search.grep(input.sandbox, input.path, input.text, input),
      ),
      makeFolder: os.sandboxes.makeFolder.handler(({ input }) =>
        services.files.makeFolder(input.sandbox, input.path),
      ),
      deleteFile: os.sandboxes.deleteFile.handler(({ input }) =>
        services.folders.delete(input.sandbox, input.path),
      ),
      upload: os.sandboxes.upload.handler(({ input: { sandbox, path, from } }) =>
        services.copies.upload(sandbox, path, from),
      ),
      download: os.sandboxes.download.handler(({ input: { sandbox, path, to } }) =>
        services.copies.download(sandbox, path, to),
      ),
    },
    registries: {
      list: os.registries.list.handler(() => registries.list()),
      get: os.registries.get.handler(({ input }) => registries.get(input.registry)),
      create: os.registries.create.handler(({ input }) => registries.create(input)),
      update: os.registries.update.handler(({ input: { registry, ...change } }) =>
        registries.update(registry, change),
      ),
      delete: os.registries.delete.handler(({ input }) => registries.delete(input.registry)),
      test: os.registries.test.handler(({ input }) => registries.test(input.registry)),
      protection: os.registries.protection.handler(() => ({ protection: registries.protection })),
    },
    terminals: {
      list: os.terminals.list.handler(() => terminals.list()),
      open: os.terminals.open.handler(({ input }) => terminals.open(input.sandbox, input)),
      close: os.terminals.close.handler(({ input }) => terminals.close(input.id)),
    },
  });
}
