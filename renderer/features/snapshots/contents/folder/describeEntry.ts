import type { ContentsEntry } from '#shared/contract/contents';
import { formatCount } from '#shared/format';

const kinds: Record<ContentsEntry['kind'], string> = {
  file: 'File',
  directory: 'Folder',
  symlink: 'Link',
  other: 'Device or pipe',
};

export function kindText({ kind }: Pick<ContentsEntry, 'kind'>): string {
  return kinds[kind];
}

/** POSIX permission bits in the format of `ls`: `rwxr-xr-x`. */
export function modeText(mode: number): string {
  const triple = (bits: number, special: boolean, letter: string) => {
    const read = bits & 4 ? 'r' : '-';
    const write = bits & 2 ? 'w' : '-';
    if (special) return read + write + (bits & 1 ? letter : letter.toUpperCase());
    return read + write + (bits & 1 ? 'x' : '-');
  };
  return (
    triple((mode >> 6) & 7, (mode & 0o4000) !== 0, 's') +
    triple((mode >> 3) & 7, (mode & 0o2000) !== 0, 's') +
    triple(mode & 7, (mode & 0o1000) !== 0, 't')
  );
}

/** File name on one line, with control characters escaped as in a shell. */
export function nameText(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the expression matches control characters
  return name.replace(/[\x00-\x1f\x7f]/g, (char) => {
    const known: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
    return known[char] ?? `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}

export function entriesText(count: number): string {
  return count === 1 ? '1 entry' : `${formatCount(count)} entries`;
}
