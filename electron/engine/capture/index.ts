import type { CommandSessions } from '../commands';
import type { EngineContext } from '../context';
import { os } from '../operations';
import type { SandboxesRoom } from '../sandboxes';
import type { SnapshotsRoom } from '../snapshots';
import type { Terminals } from '../terminals';
import { SnapshotCapture } from './capture';
import { CapturePreviews } from './capturePreview';

export interface CaptureNeeds {
  snapshots: Pick<SnapshotsRoom, 'snapshots'>;
  sandboxes: Pick<SandboxesRoom, 'sandboxes' | 'usage'>;
  terminals: Terminals;
  sessions: CommandSessions;
}

/** Opens the room of captures of sandboxes as new snapshots, and of their previews. */
export function openCapture(context: EngineContext, needs: CaptureNeeds) {
  const { terminals, sessions } = needs;
  const { snapshots } = needs.snapshots;
  const { sandboxes, usage } = needs.sandboxes;
  const capture = new SnapshotCapture(context, snapshots, sandboxes, usage);
  const previews = new CapturePreviews(context, sandboxes, terminals, sessions);
  return {
    operations: {
      capture: os.snapshots.capture.handler(({ input: { builtImage, exclude, ...input } }) =>
        builtImage === undefined
          ? capture.start({ ...input, exclude })
          : capture.startFromBuilt({ ...input, builtImage }),
      ),
      previewCapture: os.snapshots.previewCapture.handler(({ input, signal }) =>
        previews.preview(input.sandbox, signal),
      ),
    },
  };
}
