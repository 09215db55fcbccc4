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

/** The whole product without a window. */
export interface Engine {
  readonly home: string;
  /** The contract, for transports. */
  readonly router: Router;
  /** The same operations for callers in this process: validated alike, errors as SandglassError. */
  readonly operations: Operations;
  /** Shows a terminal's bytes in a view. @throws SandglassError `not_found` */
  attachTerminal(terminalId: string, view: TerminalView): TerminalAttachment;
  /** Streams of file contents in constant memory. */
  readonly files: Pick<Files, 'readStream' | 'writeStream' | 'statBehindLinks'>;
  /** Folders as archives. */
  readonly copies: Pick<Copies, 'pack' | 'unpack'>;
  /** Commands that outlive the connections of their readers. */
  readonly commandSessions: Pick<CommandSessions, 'open' | 'find' | 'list'>;
  /** Build output as a stream. */
  readonly taskLogs: Pick<Tasks, 'follow'>;
  /** Connections to ports inside sandboxes. */
  readonly connections: Pick<Connections, 'dial'>;
  /** Cancels tasks, ends commands and terminals, and releases the catalog. Sandboxes are left running. */
  close(): Promise<void>;
}

export interface EngineOptions {
  /** Folder of all files that Sandglass writes. */
  home: string;
  /** Selects the Docker daemon as for the docker CLI (`DOCKER_HOST`, `DOCKER_CONTEXT`, …). */
  env: NodeJS.ProcessEnv;
  /** Seals secrets. By default file permissions alone protect them. */
  vault?: SecretVault;
  /** The API served around this engine; none by default. */
  localApi?: LocalApiControl;
  /** Git transports that mounts may use; tests add `file`. */
  gitProtocols?: readonly string[];
  /** Receives errors of background work. */
  onError?: (thrown: unknown) => void;
}

/**
 * Opens the rooms of the engine in order and starts to connect to Docker in the background.
 *
 * @throws SandglassError `catalog_newer`, `catalog_broken`, or `conflict` when another process has
 * this home open
 */
export function openEngine(options: EngineOptions): Engine {
  const { home, env, vault = fileVault, localApi = noLocalApi } = options;
  const { gitProtocols = ['https'], onError: report = () => {} } = options;
  const core = openContext(home, env, {
    onConnected: async (docker) => {
      await reconciler.reconcileSandboxes(docker);
      commands.abandoned.endSoon();
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
      // No idle stop begins from here on.
      await sandboxes.lifetimes.close();
      await reconciler.close();
      // A task may be waiting for a measurement, so disk use closes before the tasks end.
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
