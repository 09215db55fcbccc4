import { create } from 'zustand';
import type { ContentsEntry } from '#shared/contract/contents';
import { operations } from '../../../api/operations';
import { parentPath } from '../../files/paths';

/** Where in a snapshot's filesystem the user is. */
export interface ContentsLocation {
  folder: string;
  /** The name of the entry that is shown beside; null: the folder itself. */
  selected: string | null;
}

const start: ContentsLocation = { folder: '/', selected: null };

/** By snapshot: who comes back finds the location as it was. */
const useLocations = create(() => ({ locations: new Map<string, ContentsLocation>() }));

export function useContentsLocation(snapshotId: string): ContentsLocation {
  return useLocations(({ locations }) => locations.get(snapshotId) ?? start);
}

export function setContentsLocation(snapshotId: string, location: ContentsLocation): void {
  useLocations.setState(({ locations }) => ({
    locations: new Map(locations).set(snapshotId, location),
  }));
}

export function select(snapshotId: string, selected: string | null): void {
  const { folder } = useLocations.getState().locations.get(snapshotId) ?? start;
  setContentsLocation(snapshotId, { folder, selected });
}

/**
 * Goes to a path: into a folder, or to a file in its folder. A link to a folder is gone through.
 *
 * @throws SandglassError `file_not_found`, `conflict` (not looked into yet)
 */
export async function goToPath(snapshotId: string, path: string): Promise<void> {
  const { path: found, entry, leadsTo } = await operations.contents.locate({ snapshotId, path });
  if (entry.kind === 'directory')
    setContentsLocation(snapshotId, { folder: found, selected: null });
  else if (leadsTo?.kind === 'directory') {
    setContentsLocation(snapshotId, { folder: leadsTo.path, selected: null });
  } else setContentsLocation(snapshotId, { folder: parentPath(found), selected: entry.name });
}

/** True for what Enter and a double click go into, as far as the list knows. */
export function mayBeEntered({ kind }: ContentsEntry): boolean {
  return kind === 'directory' || kind === 'symlink';
}
