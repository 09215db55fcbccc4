export { SnapshotExport } from './exportSnapshot';
export { SnapshotImport } from './importSnapshot';
