import { create } from 'zustand';
import type { ContentsEntry } from '#shared/contract/contents';
import { operations } from '../../../api/operations';
import { parentPath } from '../../files/paths';

/** Where in a snapshot's filesystem the user is. */
export interface Place {
  folder: string;
  /** The name of the entry that is shown beside; null: the folder itself. */
  selected: string | null;
}

const start: Place = { folder: '/', selected: null };

/** By snapshot: who comes back finds the place as it was. */
const usePlaces = create(() => ({ places: new Map<string, Place>() }));

export function usePlace(snapshotId: string): Place {
  return usePlaces(({ places }) => places.get(snapshotId) ?? start);
}

export function setPlace(snapshotId: string, place: Place): void {
  usePlaces.setState(({ places }) => ({ places: new Map(places).set(snapshotId, place) }));
}

export function select(snapshotId: string, selected: string | null): void {
  const { folder } = usePlaces.getState().places.get(snapshotId) ?? start;
  setPlace(snapshotId, { folder, selected });
}

/**
 * Goes to a path: into a folder, or to a file in its folder. A link to a folder is gone through.
 *
 * @throws SandglassError `file_not_found`, `conflict` (not looked into yet)
 */
export async function goToPath(snapshotId: string, path: string): Promise<void> {
  const { path: found, entry, leadsTo } = await operations.contents.locate({ snapshotId, path });
  if (entry.kind === 'directory') setPlace(snapshotId, { folder: found, selected: null });
  else if (leadsTo?.kind === 'directory') {
    setPlace(snapshotId, { folder: leadsTo.path, selected: null });
  } else setPlace(snapshotId, { folder: parentPath(found), selected: entry.name });
}

/** True for what Enter and a double click go into, as far as the list knows. */
export function mayBeEntered({ kind }: ContentsEntry): boolean {
  return kind === 'directory' || kind === 'symlink';
}
