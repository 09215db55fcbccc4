import type { Snapshot } from '#shared/contract/snapshots';
import { operations } from '../../api/operations';
import { go } from '../../stores/route';

/** Asks where to, and shows the progress. */
export async function exportSnapshot({ id, name }: Snapshot): Promise<void> {
  const file = await window.sandglass.pickPath(
    'save',
    `${name.replaceAll('/', '-')}.sandglass.tar`,
  );
  if (file === null) return;
  await operations.snapshots.export({ id, file });
  go({ page: 'activity' });
}
