import { randomBytes } from 'node:crypto';

/** A name for what is not whole yet, beside where it will be: a rename must not cross a mount. */
export function tempName(): string {
  return `.sandglass-${randomBytes(6).toString('hex')}`;
}

/** Whether a name is one that `tempName` gives: nothing else is ever removed as a left-over. */
export function isTempName(name: string): boolean {
  return /^\.sandglass-[0-9a-f]{12}$/.test(name);
}
