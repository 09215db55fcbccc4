export {
  archiveContext,
  type BuildContext,
  folderContext,
  openContext,
  tarContext,
} from './buildContext';
export { Builds } from './builds';
export {
  COMMIT_COMMENT,
  type ImageDetails,
  Images,
  type LabelledImage,
  type RegistryLogin,
  withDefaultTag,
} from './images';
export { type HistoryStep, Storage, type StorageUsage, type StoredImage } from './storage';
