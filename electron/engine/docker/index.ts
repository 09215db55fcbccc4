/** Connection to the daemon, with reconnects. */
export { type ConnectionListener, DockerConnection } from './connection';
/** States of containers. */
export { type ContainerDetails, contradictsPause } from './containers';
/** Changes of containers and images. */
export type { DaemonEvent } from './daemonEvents';
/** Calls of a connected daemon: everything else is reached through `DockerApi`. */
export { connectDocker, type DockerApi } from './dockerApi';
/** Addresses of daemons. */
export type { Endpoint } from './endpoint';
/** Errors of Docker calls. */
export { fromDocker, ignoringGone } from './errors';
/** Commands, terminals and connections in containers. */
export {
  type ExecSpec,
  execSpec,
  findShell,
  type OutputChunk,
  type PortConnection,
  type ProcessSignal,
  type RunningCommand,
  type RunningTerminal,
  terminalOutput,
} from './exec';
/** Files and filesystems of containers: paths, status, errors, tar archives. */
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
/** Images, registries, build contexts and disk usage. */
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
/** Labels of Sandglass's objects. */
export {
  builderLabels,
  builtLabels,
  describeObject,
  describeRecord,
  type SandglassLabels,
} from './labels';
