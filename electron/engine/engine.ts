import { join } from 'node:path';
import { createRouterClient, onError } from '@orpc/server';
import type { Operations } from '#shared/contract/index';
import { throwSandglassError } from '#shared/wire';
import { settingsFile } from '../homePaths';
import { SnapshotCapture } from './capture/capture';
import { CapturePreviews } from './capture/capturePreview';
import { openCatalog } from './catalog/catalog';
import { Changes } from './changes';
import { AbandonedCommands } from './commands/abandonedCommands';
import { CommandSessions } from './commands/commandSessions';
import { Commands } from './commands/commands';
import { SandboxBuilds } from './commands/sandboxBuilds';
import { TextComparisons } from './contents/compareText';
import { Contents } from './contents/contents';
import { FilePreviews } from './contents/filePreviews';
import { Saves } from './contents/saves';
import type { EngineContext } from './context';
import { Disk } from './disk/disk';
import { DiskMeter } from './disk/diskMeter';
import { ImageLayers } from './disk/imageLayers';
import { Reclaim } from './disk/reclaim';
import { Reclaimables } from './disk/reclaimables';
import { UniqueSizes } from './disk/uniqueSizes';
import { DockerConnection } from './docker/connection';
import { Certificates } from './egress/certificates';
import { Egress } from './egress/egress';
import { EgressFile } from './egress/egressFile';
import { Copies } from './files/copies';
import { Files } from './files/files';
import { Folders } from './files/folders';
import { FileSearch } from './files/search';
import { ensureHome, homeIdentity } from './host/home';
import { HostDrafts } from './host/hostDrafts';
import { type LocalApiDoor, noLocalApi } from './localApiControl';
import { Reconciler } from './reconcile/reconcile';
import { Credentials } from './registries/credentials';
import { Registries } from './registries/registries';
import { RegistryFile } from './registries/registryFile';
import { SecretStore } from './registries/secretStore';
import { fileVault, type SecretVault } from './registries/secretVault';
import { createRouter, type Router } from './router';
import { SandboxBoot } from './sandboxes/boot';
import { GitMounts } from './sandboxes/gitMounts';
import { Lifetimes } from './sandboxes/lifetimes';
import { Sandboxes } from './sandboxes/sandboxes';
import { UsageMeter } from './sandboxes/usage';
import { Connections } from './services/connections';
import { ServiceShares } from './services/serviceShares';
import { SettingsStore } from './settings';
import { SnapshotBuilder } from './snapshots/build';
import { DefaultRuntime } from './snapshots/defaultRuntime';
import { DockerfileBuilder } from './snapshots/dockerfile';
import { SnapshotDuplicate } from './snapshots/duplicate';
import { SnapshotExport } from './snapshots/exchange/exportSnapshot';
import { SnapshotImport } from './snapshots/exchange/importSnapshot';
import { Favourites } from './snapshots/favourites';
import { Readers } from './snapshots/readers';
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
  /** For transports that stream: memory does not grow with a file or an output. */
  readonly files: Pick<Files, 'readStream' | 'writeStream' | 'statBehindLinks'>;
  /** Whole folders as archives, for callers in this process. */
  readonly copies: Pick<Copies, 'pack' | 'unpack'>;
  /** For transports whose connections come and go while a command runs. */
  readonly commandSessions: Pick<CommandSessions, 'open' | 'find' | 'list'>;
  /** For transports that stream: what a build says, as it says it. */
  readonly taskLogs: Pick<Tasks, 'follow'>;
  /** For transports that carry a connection to a port inside a sandbox. */
  readonly connections: Pick<Connections, 'dial'>;
  /** Cancels what runs, ends the terminals and lets go of the catalog. Sandboxes stay as they are. */
  close(): Promise<void>;
}

export interface SandglassOptions {
  /** The folder of every file it writes. */
  home: string;
  /** Chooses the engine, as for the docker CLI (`DOCKER_HOST`, `DOCKER_CONTEXT`, …). */
  env: NodeJS.ProcessEnv;
  /** Seals passwords; without one they are only as safe as the file they are in. */
  vault?: SecretVault;
  /** The API that is served around this engine; none unless given. */
  localApi?: LocalApiDoor;
  /** What repositories may be mounted from; tests have them on this computer. */
  gitProtocols?: readonly string[];
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
  const {
    home,
    env,
    vault = fileVault,
    localApi = noLocalApi,
    gitProtocols = ['https'],
    onError: report = () => {},
  } = options;
  ensureHome(home);
  const identity = homeIdentity(home);
  const favourites = new Favourites(join(home, 'favourites.json'));
  const catalog = openCatalog(join(home, 'catalog.sqlite'), undefined, (id) => favourites.has(id));
  const changes = new Changes();
  const tasks = new Tasks(catalog.tasks, changes);
  const drafts = new HostDrafts(join(home, 'drafts'));
  const connection = new DockerConnection(identity, env, {
    onStatus: (status) => changes.announce({ type: 'engine', status }),
    onConnected: async (docker) => {
      await reconciler.reconcileSandboxes(docker);
      abandoned.endSoon();
    },
    onReady: async (docker) => {
      await reconciler.reconcileImages(docker);
      if (connection.status.state === 'ready') contents.onCompared();
    },
    onEvent: (event) => reconciler.onEvent(event),
  });
  const context: EngineContext = {
    identity,
    catalog,
    changes,
    tasks,
    drafts,
    get docker() {
      return connection.docker;
    },
  };
  const readers = new Readers(context);
  const snapshots = new Snapshots(context, favourites, readers);
  const settings = new SettingsStore(settingsFile(home), changes);
  const contents = new Contents(context, readers, {
    file: join(home, 'contents.sqlite'),
    settings: () => settings.get(),
    onError: report,
  });
  const secrets = new SecretStore(vault, settings);
  const egress = new Egress(
    context,
    new EgressFile(join(home, 'egress.json'), report),
    secrets,
    new Certificates(join(home, 'authority.json'), vault),
    { env, onError: report },
  );
  const sandboxes = new Sandboxes(context, snapshots, egress);
  const usage = new UsageMeter(context, sandboxes);
  const layers = new ImageLayers(context, () => reconciler.untilImagesCompared());
  const diskMeter = new DiskMeter(context);
  const reclaimables = new Reclaimables(context, diskMeter, layers);
  const uniqueSizes = new UniqueSizes(context, snapshots, layers);
  const lifetimes = new Lifetimes(context, sandboxes, usage);
  const terminals = new Terminals(context, sandboxes, lifetimes);
  const abandoned = new AbandonedCommands(context);
  const reconciler = new Reconciler(context, snapshots, sandboxes, egress, readers, layers, report);
  const registryFile = new RegistryFile(join(home, 'registries.json'));
  const registries = new Registries(context, registryFile, secrets);
  const builder = new SnapshotBuilder(context, snapshots, new Credentials(registries, env));
  const files = new Files(context, sandboxes, lifetimes);
  const folders = new Folders(context, files);
  const copies = new Copies(context, sandboxes, files, lifetimes);
  const commandSessions = new CommandSessions(
    context,
    sandboxes,
    lifetimes,
    new SandboxBuilds(context),
  );
  const connections = new Connections(context, sandboxes, lifetimes);
  const shares = new ServiceShares(context, sandboxes, connections);
  const router = createRouter({
    changes,
    connection,
    contents,
    texts: new TextComparisons(context, contents, readers),
    filePreviews: new FilePreviews(context, readers),
    saves: new Saves(context, readers, (id, path) => contents.calls.locate({ id, path })),
    settings,
    registries,
    tasks,
    snapshots,
    builder,
    dockerfiles: new DockerfileBuilder(context, snapshots),
    capture: new SnapshotCapture(context, snapshots, sandboxes, usage),
    previews: new CapturePreviews(context, sandboxes, terminals, commandSessions),
    exporter: new SnapshotExport(context, snapshots),
    importer: new SnapshotImport(context, snapshots),
    duplicate: new SnapshotDuplicate(context, snapshots),
    sandboxes,
    boot: new SandboxBoot(
      context,
      snapshots,
      sandboxes,
      new DefaultRuntime(context, settings, builder, snapshots),
      new GitMounts(context, gitProtocols),
      egress,
    ),
    commands: new Commands(context, sandboxes, lifetimes),
    files,
    folders,
    search: new FileSearch(context, files, folders),
    copies,
    terminals,
    shares,
    localApi,
    disk: new Disk(context, diskMeter, layers),
    reclaimables,
    reclaim: new Reclaim(context, snapshots, sandboxes, diskMeter, reclaimables),
  });
  localApi.onStatus((status) => changes.announce({ type: 'localApi', status }));
  drafts.removeLeftOver().catch(report);
  void connection.connect();
  return {
    home,
    router,
    operations: createRouterClient(router, {
      interceptors: [onError(throwSandglassError)],
    }),
    files,
    copies,
    commandSessions,
    taskLogs: tasks,
    connections,
    attachTerminal: (terminalId, view) => terminals.attach(terminalId, view),
    close: async () => {
      lifetimes.close();
      layers.close();
      await reconciler.close();
      await shares.closeAll();
      await connections.closeAll();
      await commandSessions.closeAll();
      // A task may be waiting for its turn to measure.
      await diskMeter.close();
      await tasks.endAll();
      await terminals.closeAll();
      await Promise.all([abandoned.close(), usage.close(), uniqueSizes.close()]);
      await contents.close();
      connection.close();
      await egress.close();
      catalog.close();
    },
  };
}
