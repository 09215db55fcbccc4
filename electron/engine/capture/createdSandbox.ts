import { SandglassError } from '#shared/errors';
import type { SandboxRecord } from '../catalog';
import type { Sandboxes } from '../sandboxes';

export type CreatedSandbox = SandboxRecord & { containerId: string };

/** @throws SandglassError `not_found`, `conflict` while the sandbox has no container yet */
export function createdSandbox(sandboxes: Sandboxes, reference: string): CreatedSandbox {
  const sandbox = sandboxes.resolve(reference);
  const { containerId } = sandbox;
  if (containerId) return { ...sandbox, containerId };
  throw new SandglassError('conflict', `"${sandbox.name}" is still being created.`, {
    hint: 'Wait until it is ready.',
  });
}
