import { create } from 'zustand';
import { operations } from '../../../api/operations';
import { parentPath } from '../../files/paths';

/** Location in a snapshot's filesystem. */
export interface ContentsLocation {
  folder: string;
  /** Name of the selected entry; null for the folder itself. */
  selected: string | null;
}

const start: ContentsLocation = { folder: '/', selected: null };

/** Locations by snapshot id, restored when the user returns. */
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
 * Navigates to a folder, following links, or to the folder of a file, which is selected.
 *
 * @throws SandglassError `file_not_found`, `conflict` (not indexed yet)
 */
export async function goToPath(snapshotId: string, path: string): Promise<void> {
  const { path: found, entry, leadsTo } = await operations.contents.locate({ snapshotId, path });
  if (entry.kind === 'directory')
    setContentsLocation(snapshotId, { folder: found, selected: null });
  else if (leadsTo?.kind === 'directory') {
    setContentsLocation(snapshotId, { folder: leadsTo.path, selected: null });
  } else setContentsLocation(snapshotId, { folder: parentPath(found), selected: entry.name });
}
