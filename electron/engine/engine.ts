import { createRouterClient, onError } from '@orpc/server';
import type { Operations } from '#shared/contract/index';
import { throwSandglassError } from '#shared/wire';
import { openCapture } from './capture';
import { type CommandSessions, openCommands } from './commands';
import { openContents } from './contents';
import { openContext } from './context';
import { openDisk } from './disk';
import { openEgress } from './egress';
import { type Copies, type Files, openFiles } from './files';
import { type LocalApiControl, localApiOperations, noLocalApi } from './localApiControl';
import { openReconcile } from './reconcile';
import { fileVault, openRegistries, type SecretVault } from './registries';
import { createRouter, type Router } from './router';
import { openSandboxes } from './sandboxes';
import { type Connections, openServices } from './services';
import { openSnapshots } from './snapshots';
import { type Tasks, taskOperations } from './tasks';
import { openTerminals, type TerminalAttachment, type TerminalView } from './terminals';

/** The product without its user interface. */
export interface Engine {
  readonly home: string;
  /** Implementation of the contract, for transports. */
  readonly router: Router;
  /** The same operations for callers in this process, with the same validation; errors are SandglassError. */
  readonly operations: Operations;
  /** Connects a terminal to a view. @throws SandglassError `not_found` */
  attachTerminal(terminalId: string, view: TerminalView): TerminalAttachment;
  /** Streams file contents in constant memory. */
  readonly files: Pick<Files, 'readStream' | 'writeStream' | 'statBehindLinks'>;
  /** Packs and unpacks folders as archives. */
  readonly copies: Pick<Copies, 'pack' | 'unpack'>;
  /** Commands whose output survives the connections of its readers. */
  readonly commandSessions: Pick<CommandSessions, 'open' | 'find' | 'list'>;
  /** Streams build output. */
  readonly taskLogs: Pick<Tasks, 'follow'>;
  /** Connects to ports inside sandboxes. */
  readonly connections: Pick<Connections, 'dial'>;
  /** Cancels tasks, ends commands and terminals, and closes the catalog. Sandboxes keep running. */
  close(): Promise<void>;
}

export interface EngineOptions {
  /** Folder of all files of Sandglass. */
  home: string;
  /** Selects the Docker daemon as for the docker CLI (`DOCKER_HOST`, `DOCKER_CONTEXT`, …). */
  env: NodeJS.ProcessEnv;
  /** Seals secrets. By default file permissions alone protect them. */
  vault?: SecretVault;
  /** API server on this engine; none by default. */
  localApi?: LocalApiControl;
  /** Git transports that mounts may use; tests add `file`. */
  gitProtocols?: readonly string[];
  /** Receives errors of background work. */
  onError?: (thrown: unknown) => void;
}

/**
 * Opens the engine's rooms in the order of their dependencies, and connects to Docker in the background.
 *
 * @throws SandglassError `catalog_newer`, `catalog_broken`, or `conflict` if another process has this
 * home open
 */
export function openEngine(options: EngineOptions): Engine {
  const { home, env, vault = fileVault, localApi = noLocalApi } = options;
  const { gitProtocols = ['https'], onError: report = () => {} } = options;
  const core = openContext(home, env, {
    onConnected: async (docker) => {
      await reconciler.reconcileSandboxes(docker);
      commands.abandoned.killSoon();
    },
    onReady: async (docker) => {
      await reconciler.reconcileImages(docker);
      if (connection.status.state === 'ready') contents.onCompared();
    },
    onEvent: (event) => reconciler.onEvent(event),
  });
  const { context, settings, connection } = core;
  const { tasks, catalog, changes, tempFiles } = context;
  const registries = openRegistries(context, { home, env, vault, settings });
  const { secrets, credentials } = registries;
  const egress = openEgress(context, { home, env, vault, secrets, onError: report });
  const snapshots = openSnapshots(context, { credentials, settings });
  const sandboxes = openSandboxes(context, { snapshots, egress, gitProtocols });
  const getSettings = () => settings.get();
  const contents = openContents(context, {
    ...{ home, snapshots, settings: getSettings, onError: report },
  });
  const files = openFiles(context, sandboxes);
  const commands = openCommands(context, sandboxes);
  const terminals = openTerminals(context, sandboxes);
  const services = openServices(context, sandboxes);
  const untilImagesCompared = () => reconciler.untilImagesCompared();
  const disk = openDisk(context, { snapshots, sandboxes, untilImagesCompared });
  const capture = openCapture(context, {
    ...{ snapshots, sandboxes, terminals: terminals.terminals, sessions: commands.sessions },
  });
  const reconciler = openReconcile(context, {
    ...{ snapshots, sandboxes, egress, layers: disk.layers, onError: report },
  });
  const router = createRouter({
    ...{ core, registries, snapshots, sandboxes, contents, files, terminals, services },
    ...{ disk, capture, tasks: taskOperations(tasks), localApi: localApiOperations(localApi) },
  });
  localApi.onStatus((status) => changes.announce({ type: 'localApi', status }));
  tempFiles.removeLeftOver().catch(report);
  void connection.connect();
  return {
    home,
    router,
    operations: createRouterClient(router, { interceptors: [onError(throwSandglassError)] }),
    files: files.files,
    copies: files.copies,
    commandSessions: commands.sessions,
    taskLogs: tasks,
    connections: services.connections,
    attachTerminal: (terminalId, view) => terminals.terminals.attach(terminalId, view),
    close: async () => {
      // First, so that no sandbox is stopped as idle during the shutdown.
      await sandboxes.lifetimes.close();
      await reconciler.close();
      // Before the tasks, since a task may wait for a measurement.
      await disk.close();
      await services.close();
      await commands.close();
      await tasks.endAll();
      await terminals.close();
      await contents.close();
      await sandboxes.close();
      await egress.close();
      connection.close();
      catalog.close();
    },
  };
}
