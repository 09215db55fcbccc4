export { ContentsIndex, type ReadSnapshot } from './contentsIndex';
export { compareNames, emptyDirectory, type FileNode } from './fileNode';
export type { TreeEntry, Trees } from './trees';
