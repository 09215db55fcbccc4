export { type ConnectionListener, DockerConnection } from './connection';
export { type ContainerDetails, contradictsPause } from './containers';
export type { DaemonEvent } from './daemonEvents';
export { connectDocker, type DockerApi } from './dockerApi';
export type { Endpoint } from './endpoint';
export { fromDocker, ignoringGone } from './errors';
export type {
  OutputChunk,
  PortConnection,
  ProcessSignal,
  RunningCommand,
  RunningTerminal,
} from './exec';
export {
  type Archive,
  absolutePath,
  countBytes,
  describeFile,
  type FileOwnership,
  type FilesystemSize,
  findAccount,
  findFolder,
  followLinks,
  goModeBits,
  isDirectory,
  isInitMountPoint,
  isSpecial,
  missing,
  notADirectory,
  notAFile,
  type PathChange,
  type PathStat,
  requireFile,
  tarEntries,
  withoutInit,
} from './files';
export {
  archiveContext,
  type BuildContext,
  COMMIT_COMMENT,
  folderContext,
  type HistoryStep,
  type ImageDetails,
  type LabelledImage,
  openContext,
  type RegistryLogin,
  type StorageUsage,
  type StoredImage,
  tarContext,
  withDefaultTag,
} from './images';
export {
  builderLabels,
  builtLabels,
  describeObject,
  describeRecord,
  type SandglassLabels,
} from './labels';
