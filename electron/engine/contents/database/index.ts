export { ContentsIndex, type IndexedSnapshot } from './contentsIndex';
export { compareNames, emptyDirectory, type FileNode } from './fileNode';
export type { TreeEntry, Trees } from './trees';
