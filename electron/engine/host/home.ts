import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { identityFile } from '../../homePaths';
import { writePrivateFile } from '../lib';

/** Makes the home if it is missing, readable by its owner only. */
export function ensureHome(home: string): void {
  mkdirSync(home, { recursive: true, mode: 0o700 });
}

/**
 * The name under which this home labels what it makes in Docker, so that two homes never touch each
 * other's containers. It lies in a file of its own (a lost catalog must not lose it) and starts as a
 * hash of the path, so that a wholly deleted home at the same place still knows its own.
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
