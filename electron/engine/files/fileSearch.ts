import { posix } from 'node:path';
import picomatch from 'picomatch';
import type { FileStat } from '#shared/contract/sandboxes';
import type { EngineContext } from '../context';
import type { Files } from './files';
import type { Folders } from './folders';

export interface LineMatch {
  path: string;
  /** From 1. */
  line: number;
  text: string;
}

/**
 * Prints for each file given that has the text its name, a NUL, its lines with their numbers and a
 * second NUL. Uses only what a minimal image has; a file that is no text is passed over.
 */
const grepScript = `text=$1; shift
for file; do
  LC_ALL=C grep -qF -- "$text" "$file" 2>/dev/null || continue
  lines=$(grep -nF -- "$text" "$file" 2>/dev/null) || continue
  case $lines in "Binary file "*) continue ;; esac
  printf '%s\\0%s\\0' "$file" "$lines"
done`;

/** Names for one command line: well below the kernel's limit for arguments. */
const FILES_AT_ONCE = 500;

/** Finds files of sandboxes by their names and by what is in them. */
export class FileSearch {
  constructor(
    private readonly context: EngineContext,
    private readonly files: Files,
    private readonly folders: Folders,
  ) {}

  /**
   * The files and folders below a folder whose path from there matches a pattern (`**`, `*`, `?`,
   * `[…]`), by path.
   *
   * @throws SandglassError `file_not_found`, `not_a_directory`
   */
  async glob(
    sandbox: string,
    path: string,
    pattern: string,
    limit: number,
  ): Promise<{ matches: FileStat[]; truncated: boolean }> {
    const isDeep = pattern.includes('/') || pattern.includes('**');
    const all = isDeep
      ? await this.folders.listAll(sandbox, path)
      : await this.folders.list(sandbox, path);
    const folder = await this.files.requireFolder(sandbox, path);
    const isMatch = picomatch(pattern, { dot: true });
    const matches = all.filter((file) => isMatch(posix.relative(folder.path, file.path)));
    return { matches: matches.slice(0, limit), truncated: matches.length > limit };
  }

  /**
   * The lines with a text in the files below a folder, by path. A bare pattern chooses files by their
   * names, one with a slash by their paths from there.
   *
   * @throws SandglassError `file_not_found`, `not_a_directory`
   */
  async grep(
    sandbox: string,
    path: string,
    text: string,
    options: { glob?: string; limit: number },
  ): Promise<{ matches: LineMatch[]; truncated: boolean }> {
    const { glob, limit } = options;
    const folder = await this.files.requireFolder(sandbox, path);
    const isMatch = glob === undefined ? () => true : picomatch(glob, { dot: true });
    const isPath = glob?.includes('/') || glob?.includes('**');
    const wanted = (await this.folders.listAll(sandbox, path))
      .filter(({ kind }) => kind === 'file')
      .map((file) => file.path)
      .filter((name) => isMatch(isPath ? posix.relative(folder.path, name) : posix.basename(name)));
    const matches: LineMatch[] = [];
    for (let at = 0; at < wanted.length && matches.length <= limit; at += FILES_AT_ONCE) {
      const names = wanted.slice(at, at + FILES_AT_ONCE);
      const argv = ['/bin/sh', '-c', grepScript, 'sh', text, ...names];
      const { stdout } = await this.context.docker.processes.runToEnd(folder.containerId, argv);
      matches.push(...parseMatches(stdout.toString('utf8')));
    }
    return { matches: matches.slice(0, limit), truncated: matches.length > limit };
  }
}

function parseMatches(output: string): LineMatch[] {
  const parts = output.split('\0');
  const matches: LineMatch[] = [];
  for (let i = 0; i + 1 < parts.length; i += 2) {
    const [path = '', lines = ''] = [parts[i], parts[i + 1]];
    for (const found of lines.split('\n')) {
      const colon = found.indexOf(':');
      matches.push({ path, line: Number(found.slice(0, colon)), text: found.slice(colon + 1) });
    }
  }
  return matches;
}
