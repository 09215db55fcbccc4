import { operations } from '../../../../api/operations';

/** Saves a file or folder to a folder chosen by the user. The task reports the outcome. */
export async function saveToComputer(snapshotId: string, path: string): Promise<void> {
  const to = await window.sandglass.pickPath('folder');
  if (to !== null) await operations.contents.save({ snapshotId, path, to });
}
