import type { Catalog } from './catalog/catalog';
import type { Changes } from './changes';
import type { DockerApi } from './docker/dockerApi';
import type { HostDrafts } from './host/hostDrafts';
import type { Tasks } from './tasks/tasks';

/** What every part of the engine works with. */
export interface EngineContext {
  /** Labels what this home makes in Docker. */
  readonly identity: string;
  readonly catalog: Catalog;
  readonly changes: Changes;
  readonly tasks: Tasks;
  readonly drafts: HostDrafts;
  /** @throws SandglassError `engine_unreachable` while Docker does not answer */
  readonly docker: DockerApi;
}
