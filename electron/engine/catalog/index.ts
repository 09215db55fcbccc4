export { type Catalog, openCatalog } from './catalog';
export type { SandboxRecord } from './sandboxRepository';
export type { SnapshotRecord, SnapshotRepository, StoredSnapshot } from './snapshotRepository';
export type { TaskRepository } from './taskRepository';
