export type { Located } from './locate';
export type { WorkerRouter } from './workerRouter';
