import type { Snapshot } from '#shared/contract/snapshots';
import { operations } from '../../api/operations';

/** Exports a snapshot to a file chosen by the user. Its card and details show the progress. */
export async function exportSnapshot({ id, name }: Snapshot): Promise<void> {
  const file = await window.sandglass.pickPath(
    'save',
    `${name.replaceAll('/', '-')}.sandglass.tar`,
  );
  if (file === null) return;
  await operations.snapshots.export({ id, file });
}
