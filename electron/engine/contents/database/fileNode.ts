import type { ContentsEntry } from '#shared/contract/contents';

/** Metadata of a filesystem entry. */
export interface FileFacts {
  kind: ContentsEntry['kind'];
  mode: number;
  uid: number;
  gid: number;
  /** Milliseconds since 1970. */
  modifiedAt: number;
  /** SHA-1 of a file's bytes. */
  content: Buffer | null;
  /** Target of a symbolic link. */
  linkTarget: string | null;
  /** True for every name of a file but the first, which counts its bytes. */
  isHardLink: boolean;
}

/** Entry of a filesystem that is being read. */
export interface FileNode extends FileFacts {
  /** Size of a file in bytes; 0 for other entries. */
  sizeBytes: number;
  /** Entries of a directory by name; null for other entries. */
  children: Map<string, FileNode> | null;
}

/** Metadata of a directory that has no entry of its own, such as the root. */
export const directoryFacts: Readonly<FileFacts> = {
  kind: 'directory',
  mode: 0o755,
  uid: 0,
  gid: 0,
  modifiedAt: 0,
  content: null,
  linkTarget: null,
  isHardLink: false,
};

export function emptyDirectory(): FileNode {
  return { ...directoryFacts, sizeBytes: 0, children: new Map() };
}

/** Compares names by UTF-16 code units, independently of the locale. */
export function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
