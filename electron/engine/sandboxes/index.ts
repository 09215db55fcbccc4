import type { EngineContext } from '../context';
import type { Egress } from '../egress';
import { os } from '../operations';
import type { SnapshotsRoom } from '../snapshots';
import { SandboxBoot } from './boot';
import { GitMounts } from './gitMounts';
import { Lifetimes } from './lifetimes';
import { Sandboxes } from './sandboxes';
import { SandboxUpdates } from './update';
import { UsageMeter } from './usage';

export { builtImageReference, findBuiltImage, removeBuiltImage } from './builtImages';
export { type DockerfileScript, isBuilderName, readDockerfileScript } from './dockerfileScript';
export type { Lifetimes } from './lifetimes';
export { tmpVolumeName } from './sandboxContainer';
export type { Sandboxes } from './sandboxes';
export { sandboxFromLabels } from './sandboxFromLabels';
export type { UsageMeter } from './usage';

export interface SandboxesNeeds {
  snapshots: Pick<SnapshotsRoom, 'snapshots' | 'defaultRuntime'>;
  egress: Egress;
  /** Git transports that mounts may use, e.g. `https`. */
  gitProtocols: readonly string[];
}

/** Sandboxes: booting, starting, stopping, changing and deleting them; their lifetimes and disk use. */
export function openSandboxes(context: EngineContext, needs: SandboxesNeeds) {
  const { egress, gitProtocols } = needs;
  const { snapshots, defaultRuntime } = needs.snapshots;
  const sandboxes = new Sandboxes(context, snapshots, egress);
  const updates = new SandboxUpdates(context, sandboxes, egress);
  const usage = new UsageMeter(context, sandboxes);
  const lifetimes = new Lifetimes(context, sandboxes, usage);
  const mounts = new GitMounts(context, gitProtocols);
  const boot = new SandboxBoot(context, snapshots, sandboxes, defaultRuntime, mounts, egress);
  return {
    sandboxes,
    lifetimes,
    usage,
    operations: {
      create: os.sandboxes.create.handler(({ input }) => boot.start(input)),
      list: os.sandboxes.list.handler(() => sandboxes.list()),
      get: os.sandboxes.get.handler(({ input }) => sandboxes.get(input.sandbox)),
      update: os.sandboxes.update.handler(({ input: { sandbox, ...change } }) =>
        updates.update(sandbox, change),
      ),
      start: os.sandboxes.start.handler(({ input }) =>
        sandboxes.start(input.sandbox, input.timeoutSeconds),
      ),
      stop: os.sandboxes.stop.handler(({ input }) => sandboxes.stop(input.sandbox)),
      suspend: os.sandboxes.suspend.handler(({ input }) => sandboxes.suspend(input.sandbox)),
      delete: os.sandboxes.delete.handler(({ input }) => sandboxes.delete(input.sandbox)),
    },
    close: () => usage.close(),
  };
}

export type SandboxesRoom = ReturnType<typeof openSandboxes>;
