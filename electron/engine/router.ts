import type { openCapture } from './capture';
import type { openContents } from './contents';
import type { openContext } from './context';
import type { openDisk } from './disk';
import type { openFiles } from './files';
import type { localApiOperations } from './localApiControl';
import { os } from './operations';
import type { openRegistries } from './registries';
import type { openSandboxes } from './sandboxes';
import type { openServices } from './services';
import type { openSnapshots } from './snapshots';
import type { taskOperations } from './tasks';
import type { openTerminals } from './terminals';

/** The operations of a room. */
type Slice<Open extends (...needs: never[]) => { operations: unknown }> = Pick<
  ReturnType<Open>,
  'operations'
>;

export interface Slices {
  core: Slice<typeof openContext>;
  tasks: ReturnType<typeof taskOperations>;
  localApi: ReturnType<typeof localApiOperations>;
  registries: Slice<typeof openRegistries>;
  snapshots: Pick<ReturnType<typeof openSnapshots>, 'operations' | 'imageOperations'>;
  sandboxes: Slice<typeof openSandboxes>;
  contents: Slice<typeof openContents>;
  files: Slice<typeof openFiles>;
  terminals: Slice<typeof openTerminals>;
  services: Slice<typeof openServices>;
  disk: Slice<typeof openDisk>;
  capture: Slice<typeof openCapture>;
}

export type Router = ReturnType<typeof createRouter>;

/** Merges the operations of all rooms into the router of the contract, which validates inputs. */
export function createRouter(rooms: Slices) {
  const { core, snapshots, sandboxes, files, capture } = rooms;
  return os.router({
    ...{ tasks: rooms.tasks, localApi: rooms.localApi },
    events: core.operations.events,
    settings: core.operations.settings,
    engine: { ...core.operations.engine, ...snapshots.imageOperations },
    registries: rooms.registries.operations,
    snapshots: { ...snapshots.operations, ...capture.operations },
    sandboxes: { ...sandboxes.operations, ...files.operations },
    contents: rooms.contents.operations,
    terminals: rooms.terminals.operations,
    services: rooms.services.operations,
    disk: rooms.disk.operations,
  });
}
