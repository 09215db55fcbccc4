import { join } from 'node:path';
import { settingsFile } from '../homePaths';
import { type Catalog, openCatalog } from './catalog';
import { Changes } from './changes';
import { type ConnectionListener, type DockerApi, DockerConnection } from './docker';
import { ensureHome, homeIdentity, TempFiles } from './host';
import { os } from './operations';
import { SettingsStore } from './settings';
import { Tasks } from './tasks';

/** State shared by all rooms of the engine. */
export interface EngineContext {
  /** Identity of this home, in the labels of its Docker objects. */
  readonly identity: string;
  readonly catalog: Catalog;
  readonly changes: Changes;
  readonly tasks: Tasks;
  readonly tempFiles: TempFiles;
  /** @throws SandglassError `engine_unreachable` */
  readonly docker: DockerApi;
  /** Checks the connection before an operation changes anything. @throws SandglassError `engine_unreachable` */
  requireDocker(): void;
}

/**
 * Opens the catalog and the settings, and creates a connection to Docker without connecting it.
 *
 * @throws SandglassError `catalog_newer`, `catalog_broken`, or `conflict` if another process has this
 * home open
 */
export function openContext(
  home: string,
  env: NodeJS.ProcessEnv,
  listener: Omit<ConnectionListener, 'onStatus'>,
) {
  ensureHome(home);
  const identity = homeIdentity(home);
  const changes = new Changes();
  const catalog = openCatalog(join(home, 'catalog.sqlite'));
  const tasks = new Tasks(catalog.tasks, changes);
  const tempFiles = new TempFiles(join(home, 'drafts'));
  const settings = new SettingsStore(settingsFile(home), changes);
  const connection = new DockerConnection(identity, env, {
    ...listener,
    onStatus: (status) => changes.announce({ type: 'engine', status }),
  });
  const context: EngineContext = {
    ...{ identity, catalog, changes, tasks, tempFiles },
    get docker() {
      return connection.docker;
    },
    requireDocker: () => void connection.docker,
  };
  return {
    context,
    settings,
    connection,
    operations: {
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
    },
  };
}
