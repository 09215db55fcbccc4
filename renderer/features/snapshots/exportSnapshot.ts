import type { Snapshot } from '#shared/contract/snapshots';
import { operations } from '../../api/operations';

/** Asks where to; its card and its details show the progress. */
export async function exportSnapshot({ id, name }: Snapshot): Promise<void> {
  const file = await window.sandglass.pickPath(
    'save',
    `${name.replaceAll('/', '-')}.sandglass.tar`,
  );
  if (file === null) return;
  await operations.snapshots.export({ id, file });
}
