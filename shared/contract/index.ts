import type { ContractRouterClient, InferContractRouterInputs } from '@orpc/contract';
import { contentsContract } from './contents';
import { diskContract } from './disk';
import { engineContract } from './engine';
import { eventsContract } from './events';
import { localApiContract } from './localApi';
import { registriesContract } from './registries';
import { sandboxesContract } from './sandboxes';
import { servicesContract } from './services';
import { settingsContract } from './settings';
import { snapshotsContract } from './snapshots';
import { tasksContract } from './tasks';
import { terminalsContract } from './terminals';

/** Every operation of Sandglass, called by the window, the tray and the API. */
export const contract = {
  disk: diskContract,
  contents: contentsContract,
  engine: engineContract,
  events: eventsContract,
  localApi: localApiContract,
  registries: registriesContract,
  sandboxes: sandboxesContract,
  services: servicesContract,
  settings: settingsContract,
  snapshots: snapshotsContract,
  tasks: tasksContract,
  terminals: terminalsContract,
};

/** Client of the contract, independent of the transport. */
export type Operations = ContractRouterClient<typeof contract>;
export type OperationInputs = InferContractRouterInputs<typeof contract>;
