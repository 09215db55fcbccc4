import { randomBytes } from 'node:crypto';

/** Returns a name for an incomplete file in the folder of its destination: a rename cannot cross a mount. */
export function tempName(): string {
  return `.sandglass-${randomBytes(6).toString('hex')}`;
}

/** True for names of `tempName`. No other file is ever removed as left over. */
export function isTempName(name: string): boolean {
  return /^\.sandglass-[0-9a-f]{12}$/.test(name);
}
