export type { SandboxRecord, SnapshotRecord } from '../fields';
export { type Catalog, openCatalog } from './catalog';
export type { SnapshotRepository, StoredSnapshot } from './snapshotRepository';
export type { TaskRepository } from './taskRepository';
