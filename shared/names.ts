import { z } from 'zod';

/**
 * Docker's repository rule: lowercase path components of letters and digits, with `.`, `_`, `__` or
 * dashes in between (github.com/distribution/reference).
 */
const snapshotNamePattern =
  /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

/** Host name label (RFC 1123), a subset of Docker's container names. */
const sandboxNamePattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Keeps `sandglass/<name>` below Docker's limit of 255 characters. */
export const SNAPSHOT_NAME_MAX = 128;
export const SANDBOX_NAME_MAX = 63;

export const snapshotNameRule =
  'Use lowercase letters and digits, separated by ".", "_" or "-", with "/" between parts, e.g. "team/python-ml".';
export const sandboxNameRule =
  'Use 1 to 63 lowercase letters, digits and "-", starting and ending with a letter or digit, e.g. "setup-box".';

export const snapshotNameSchema = z
  .string()
  .min(1, 'A snapshot needs a name.')
  .max(SNAPSHOT_NAME_MAX, `A snapshot name must have at most ${SNAPSHOT_NAME_MAX} characters.`)
  .regex(snapshotNamePattern, `This is not a valid snapshot name. ${snapshotNameRule}`);

export const snapshotTagSchema = z
  .string()
  .regex(tagPattern, 'A tag must have 1 to 128 letters, digits, "_", "." or "-".');

export const sandboxNameSchema = z
  .string()
  .min(1, 'A sandbox name must not be empty.')
  .max(SANDBOX_NAME_MAX, `A sandbox name must have at most ${SANDBOX_NAME_MAX} characters.`)
  .regex(sandboxNamePattern, `This is not a valid sandbox name. ${sandboxNameRule}`);

export interface SnapshotReference {
  name: string;
  tag: string | null;
}

/** Splits `name` or `name:tag`. The tag follows the last colon after the last slash. */
export function parseSnapshotReference(text: string): SnapshotReference {
  const colon = text.indexOf(':', text.lastIndexOf('/') + 1);
  if (colon < 0) return { name: text, tag: null };
  return { name: text.slice(0, colon), tag: text.slice(colon + 1) };
}
