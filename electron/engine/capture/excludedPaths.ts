import { posix } from 'node:path';
import { excludeIssue, plainPath } from '#shared/contract/schemas/capturePreview';
import { SandglassError } from '#shared/errors';
import type { Archive } from '../docker';
import { followLinks } from '../docker';

/**
 * Where paths to leave out really are: symbolic links among their folders are followed in the sandbox's
 * own root, one at the end is not. A path that another one covers is left away.
 *
 * @throws SandglassError `invalid_input` where one leads to what is in no capture anyway
 */
export async function realPaths(
  archive: Archive,
  containerId: string,
  paths: readonly string[],
): Promise<string[]> {
  const folders = new Map<string, string>([['/', '/']]);
  const realFolder = async (path: string): Promise<string> => {
    const known = folders.get(path);
    if (known !== undefined) return known;
    const here = posix.join(await realFolder(posix.dirname(path)), posix.basename(path));
    const found = await followLinks(archive, containerId, here);
    folders.set(path, found.path);
    return found.path;
  };
  const real = new Set<string>();
  for (const path of paths.map((given) => plainPath(given) ?? given)) {
    const found = posix.join(await realFolder(posix.dirname(path)), posix.basename(path));
    const issue = excludeIssue(found);
    if (issue) {
      throw new SandglassError('invalid_input', `exclude: ${path} leads to ${found}. ${issue}`, {
        field: 'exclude',
      });
    }
    real.add(found);
  }
  const isBelowAnother = (path: string): boolean => {
    for (let folder = posix.dirname(path); folder !== '/'; folder = posix.dirname(folder)) {
      if (real.has(folder)) return true;
    }
    return false;
  };
  return [...real].filter((path) => !isBelowAnother(path));
}
