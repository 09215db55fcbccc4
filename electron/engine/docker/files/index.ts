export { findAccount } from './account';
export { Archive, type FileOwnership, goModeBits, type PathStat } from './archive';
export {
  absolutePath,
  describeFile,
  findFolder,
  followLinks,
  isDirectory,
  missing,
  notADirectory,
  notAFile,
  requireFile,
} from './containerPaths';
export {
  type FilesystemSize,
  Filesystems,
  isInitMountPoint,
  type PathChange,
  withoutInit,
} from './filesystems';
export { copyEntries, countBytes, isSpecial, type TarEntry, tarEntries } from './tarStreams';
export { type UploadOptions, uploadStream } from './uploadStream';
