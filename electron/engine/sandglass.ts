import { join } from 'node:path';
import { createRouterClient, onError } from '@orpc/server';
import type { Operations } from '#shared/contract/index';
import { fromWireError } from '#shared/wire';
import { openCatalog } from './catalog/catalog';
import { Changes } from './changes';
import type { EngineContext } from './context';
import { DockerConnection } from './docker/connection';
import { ensureHome, homeIdentity } from './home';
import { Reconciler } from './reconcile';
import { createRouter, type Router } from './router';
import { SandboxBoot } from './sandboxes/boot';
import { Commands } from './sandboxes/commands';
import { Files } from './sandboxes/files';
import { Lifetimes } from './sandboxes/lifetimes';
import { Sandboxes } from './sandboxes/sandboxes';
import { SettingsStore } from './settings';
import { SnapshotBuilder } from './snapshots/build';
import { SnapshotCapture } from './snapshots/capture';
import { Snapshots } from './snapshots/snapshots';
import { Tasks } from './tasks/tasks';
import { Terminals } from './terminals/terminals';
import type { TerminalAttachment, TerminalView } from './terminals/terminalView';

/** The whole product without a window. */
export interface Sandglass {
  readonly home: string;
  /** For transports: serves the contract. */
  readonly router: Router;
  /** The same operations for callers in this process: validated alike, errors as SandglassError. */
  readonly operations: Operations;
  /** Shows a terminal's bytes in a view. @throws SandglassError `not_found` */
  attachTerminal(terminalId: string, view: TerminalView): TerminalAttachment;
  /** Cancels what runs, ends the terminals and lets go of the catalog. Sandboxes stay as they are. */
  close(): Promise<void>;
}

export interface SandglassOptions {
  /** The folder of every file it writes. */
  home: string;
  /** Chooses the engine, as for the docker CLI (`DOCKER_HOST`, `DOCKER_CONTEXT`, …). */
  env: NodeJS.ProcessEnv;
  /** Is told what went wrong in the background. */
  onError?: (thrown: unknown) => void;
}

/**
 * Opens the catalog and begins to connect to Docker in the background.
 *
 * @throws SandglassError `catalog_newer`, `catalog_broken`, or `conflict` when another process has
 * this home
 */
export function openSandglass(options: SandglassOptions): Sandglass {
  const { home, env, onError: report = () => {} } = options;
  ensureHome(home);
  const identity = homeIdentity(home);
  const catalog = openCatalog(join(home, 'catalog.sqlite'));
  const changes = new Changes();
  const tasks = new Tasks(catalog.tasks, changes);
  const connection = new DockerConnection(identity, env, {
    onStatus: (status) => changes.announce({ type: 'engine', status }),
    onConnected: (docker) => reconciler.reconcile(docker),
    onEvent: (event) => reconciler.onEvent(event),
  });
  const context: EngineContext = {
    identity,
    catalog,
    changes,
    tasks,
    get docker() {
      return connection.docker;
    },
  };
  const snapshots = new Snapshots(context);
  const sandboxes = new Sandboxes(context, snapshots);
  const lifetimes = new Lifetimes(context, sandboxes);
  const terminals = new Terminals(context, sandboxes, lifetimes);
  const reconciler = new Reconciler(context, snapshots, sandboxes, report);
  const router = createRouter({
    changes,
    connection,
    settings: new SettingsStore(join(home, 'settings.json'), changes),
    tasks,
    snapshots,
    builder: new SnapshotBuilder(context, snapshots),
    capture: new SnapshotCapture(context, snapshots, sandboxes),
    sandboxes,
    boot: new SandboxBoot(context, snapshots, sandboxes),
    commands: new Commands(context, sandboxes, lifetimes),
    files: new Files(context, sandboxes, lifetimes),
    terminals,
  });
  void connection.connect();
  return {
    home,
    router,
    operations: createRouterClient(router, {
      interceptors: [
        onError((thrown) => {
          throw fromWireError(thrown);
        }),
      ],
    }),
    attachTerminal: (terminalId, view) => terminals.attach(terminalId, view),
    close: async () => {
      lifetimes.close();
      await tasks.endAll();
      await terminals.closeAll();
      connection.close();
      await reconciler.close();
      catalog.close();
    },
  };
}
