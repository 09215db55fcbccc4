import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { SandglassError } from '#shared/errors';

/** Resolves the path of an existing folder on the host. @throws SandglassError `invalid_input` */
export async function requireHostFolder(to: string): Promise<string> {
  const folder = resolve(to);
  const found = await stat(folder).catch(() => null);
  if (found?.isDirectory()) return folder;
  throw new SandglassError('invalid_input', `to: ${to} is not a folder.`, { field: 'to' });
}
