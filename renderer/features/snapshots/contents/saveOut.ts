import { toast } from 'sonner';
import { operations } from '../../../api/operations';

const DAY_SECONDS = 86_400;

/** Asks where to, saves a file or folder there, and says where it is. */
export async function saveOut(snapshotId: string, path: string): Promise<void> {
  const to = await window.sandglass.pickPath('folder');
  if (to === null) return;
  const { task } = await operations.contents.save({ snapshotId, path, to });
  const { state, outcome } = await operations.tasks.wait({
    id: task.id,
    timeoutSeconds: DAY_SECONDS,
  });
  // How it failed is told as for every task.
  if (state === 'succeeded') toast.success(outcome ?? 'Saved');
}
