import type { ContentsEntry } from '#shared/contract/contents';

/** What is told of anything in a filesystem. */
export interface FileFacts {
  kind: ContentsEntry['kind'];
  mode: number;
  uid: number;
  gid: number;
  /** Milliseconds since 1970. */
  modifiedAt: number;
  /** A hash of a file's bytes. */
  content: Buffer | null;
  /** Of a symbolic link. */
  linkTarget: string | null;
  /** True for a second name of a file, whose bytes count where it comes first. */
  isHardLink: boolean;
}

/** Something in a filesystem that is being read. */
export interface FileNode extends FileFacts {
  /** Of a file, in bytes; 0 for everything else. */
  sizeBytes: number;
  /** By name; null unless it is a directory. */
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

/** Names in the order of their code units, which no locale changes. */
export function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
