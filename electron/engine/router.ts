import { implement } from '@orpc/server';
import { contract } from '#shared/contract/index';
import type { Changes } from './changes';
import type { DockerConnection } from './docker/connection';
import { wireErrors } from './operationErrors';
import type { SandboxBoot } from './sandboxes/boot';
import type { Commands } from './sandboxes/commands';
import type { Files } from './sandboxes/files';
import type { Sandboxes } from './sandboxes/sandboxes';
import type { SettingsStore } from './settings';
import type { SnapshotBuilder } from './snapshots/build';
import type { SnapshotCapture } from './snapshots/capture';
import type { Snapshots } from './snapshots/snapshots';
import type { Tasks } from './tasks/tasks';
import type { Terminals } from './terminals/terminals';

/** Everything that does the work of the operations. */
export interface Services {
  changes: Changes;
  connection: DockerConnection;
  settings: SettingsStore;
  tasks: Tasks;
  snapshots: Snapshots;
  builder: SnapshotBuilder;
  capture: SnapshotCapture;
  sandboxes: Sandboxes;
  boot: SandboxBoot;
  commands: Commands;
  files: Files;
  terminals: Terminals;
}

export type Router = ReturnType<typeof createRouter>;

/** The contract's operations, each handed to the service that does it. Input is valid here. */
export function createRouter(services: Services) {
  const { changes, connection, settings, tasks, snapshots, sandboxes, terminals } = services;
  const os = implement(contract).use(wireErrors);
  return os.router({
    engine: {
      status: os.engine.status.handler(() => connection.status),
      retry: os.engine.retry.handler(() => connection.connect()),
    },
    events: {
      subscribe: os.events.subscribe.handler(({ signal }) => changes.stream(signal)),
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
      clearEnded: os.tasks.clearEnded.handler(() => tasks.clearEnded()),
    },
    snapshots: {
      create: os.snapshots.create.handler(({ input }) => services.builder.start(input)),
      capture: os.snapshots.capture.handler(({ input }) => services.capture.start(input)),
      list: os.snapshots.list.handler(({ input }) => snapshots.list(input)),
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
      start: os.sandboxes.start.handler(({ input }) => sandboxes.start(input.sandbox)),
      stop: os.sandboxes.stop.handler(({ input }) => sandboxes.stop(input.sandbox)),
      delete: os.sandboxes.delete.handler(({ input }) => sandboxes.delete(input.sandbox)),
      run: os.sandboxes.run.handler(({ input, signal }) => services.commands.run(input, signal)),
      readFile: os.sandboxes.readFile.handler(({ input }) =>
        services.files.read(input.sandbox, input.path),
      ),
      writeFile: os.sandboxes.writeFile.handler(({ input }) =>
        services.files.write(input.sandbox, input.path, input.bytes),
      ),
      statFile: os.sandboxes.statFile.handler(({ input }) =>
        services.files.stat(input.sandbox, input.path),
      ),
    },
    terminals: {
      list: os.terminals.list.handler(() => terminals.list()),
      open: os.terminals.open.handler(({ input }) => terminals.open(input.sandbox, input)),
      close: os.terminals.close.handler(({ input }) => terminals.close(input.id)),
    },
  });
}
