import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { identityFile } from '../../homePaths';
import { writePrivateFile } from '../lib';

/**
 * Returns the id that labels this home's Docker objects, so that two homes never touch each other's
 * containers: 12 hexadecimal digits. It has a file of its own, which survives the loss of the catalog.
 * The first value is a hash of the path, so a deleted home that is created again at the same place
 * finds its objects.
 */
export function homeIdentity(home: string): string {
  const file = identityFile(home);
  if (existsSync(file)) {
    const stored = readFileSync(file, 'utf8').trim();
    if (/^[0-9a-f]{12}$/.test(stored)) return stored;
  }
  const identity = createHash('sha256').update(realpathSync(home)).digest('hex').slice(0, 12);
  writePrivateFile(file, `${identity}\n`);
  return identity;
}
