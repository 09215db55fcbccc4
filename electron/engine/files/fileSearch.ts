import { posix } from 'node:path';
import picomatch from 'picomatch';
import type { FileStat } from '#shared/contract/sandboxes';
import type { EngineContext } from '../context';
import type { Files } from './files';
import type { Folders } from './folders';

export interface LineMatch {
  path: string;
  /** Line number, from 1. */
  line: number;
  text: string;
}

/**
 * Prints for each matching file: its name, NUL, its matching lines with line numbers, NUL. Skips binary
 * files. Needs only sh and grep, which every minimal image has.
 */
const GREP_SCRIPT = `text=$1; shift
for file; do
  LC_ALL=C grep -qF -- "$text" "$file" 2>/dev/null || continue
  lines=$(grep -nF -- "$text" "$file" 2>/dev/null) || continue
  case $lines in "Binary file "*) continue ;; esac
  printf '%s\\0%s\\0' "$file" "$lines"
done`;

/** File names per command line, well below the kernel's limit for arguments (execve(2), E2BIG). */
const MAX_FILES_PER_COMMAND = 500;

/** Finds files in sandboxes by name and by content. */
export class FileSearch {
  constructor(
    private readonly context: EngineContext,
    private readonly files: Files,
    private readonly folders: Folders,
  ) {}

  /**
   * Returns files and folders below a folder, sorted by path, whose relative path matches a pattern
   * (`**`, `*`, `?`, `[…]`).
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
   * Returns lines that contain a text in the files below a folder, sorted by path. `glob` matches file
   * names, or relative paths if it contains a slash or `**`.
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
    const paths = (await this.folders.listAll(sandbox, path))
      .filter(({ kind }) => kind === 'file')
      .map((file) => file.path)
      .filter((name) => isMatch(isPath ? posix.relative(folder.path, name) : posix.basename(name)));
    const matches: LineMatch[] = [];
    for (let at = 0; at < paths.length && matches.length <= limit; at += MAX_FILES_PER_COMMAND) {
      const names = paths.slice(at, at + MAX_FILES_PER_COMMAND);
      const argv = ['/bin/sh', '-c', GREP_SCRIPT, 'sh', text, ...names];
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
