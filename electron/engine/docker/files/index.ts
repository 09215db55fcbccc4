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
  isPlaceOfInit,
  type PathChange,
  withoutInit,
} from './filesystems';
export { countBytes, isSpecial } from './tarStreams';
export { type UploadOptions, uploadStream } from './uploadStream';
