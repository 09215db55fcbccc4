export {
  archiveContext,
  type BuildContext,
  folderContext,
  openContext,
  tarContext,
} from './buildContext';
export { Builds } from './builds';
export { ImageArchives } from './imageArchives';
export { COMMIT_COMMENT, type ImageDetails, Images, type LabelledImage } from './images';
export { RegistryClient, type RegistryLogin, withDefaultTag } from './registryClient';
export { type HistoryStep, Storage, type StorageUsage, type StoredImage } from './storage';
