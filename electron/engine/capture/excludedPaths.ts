import { posix } from 'node:path';
import { excludeIssue, plainPath } from '#shared/contract/schemas/capturePreview';
import { SandglassError } from '#shared/errors';
import type { Archive } from '../docker';
import { followLinks } from '../docker';

/**
 * Resolves the folders of excluded paths within the sandbox's root. A symbolic link at the end of a path is
 * not followed. Paths below another excluded path are dropped.
 *
 * @throws SandglassError `invalid_input` for a path that is never part of a capture, e.g. below `/tmp`
 */
export async function resolveExcluded(
  archive: Archive,
  containerId: string,
  paths: readonly string[],
): Promise<string[]> {
  const resolved = new Map<string, string>([['/', '/']]);
  const resolveFolder = async (path: string): Promise<string> => {
    const known = resolved.get(path);
    if (known !== undefined) return known;
    const parent = await resolveFolder(posix.dirname(path));
    const found = await followLinks(archive, containerId, posix.join(parent, posix.basename(path)));
    resolved.set(path, found.path);
    return found.path;
  };
  const excluded = new Set<string>();
  for (const path of paths.map((given) => plainPath(given) ?? given)) {
    const found = posix.join(await resolveFolder(posix.dirname(path)), posix.basename(path));
    const issue = excludeIssue(found);
    if (issue) {
      throw new SandglassError('invalid_input', `exclude: ${path} resolves to ${found}. ${issue}`, {
        field: 'exclude',
      });
    }
    excluded.add(found);
  }
  const isBelowAnother = (path: string): boolean => {
    for (let folder = posix.dirname(path); folder !== '/'; folder = posix.dirname(folder)) {
      if (excluded.has(folder)) return true;
    }
    return false;
  };
  return [...excluded].filter((path) => !isBelowAnother(path));
}
