import { operations } from '../../../../api/operations';

/** Asks where to, and saves a file or folder there; how that ends is told as for every task. */
export async function saveToComputer(snapshotId: string, path: string): Promise<void> {
  const to = await window.sandglass.pickPath('folder');
  if (to !== null) await operations.contents.save({ snapshotId, path, to });
}
