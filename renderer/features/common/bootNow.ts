import type { Snapshot } from '#shared/contract/snapshots';
import { operations } from '../../api/operations';
import { openSandbox } from '../../stores/route';
import { toastError } from '../../ui/toastError';

/** Boots a sandbox with a generated name and opens its page. */
export async function bootNow(snapshot: Snapshot): Promise<void> {
  await toastError(
    operations.sandboxes
      .create({ snapshotId: snapshot.id })
      .then(({ sandbox }) => openSandbox(sandbox.id, true)),
  );
}
