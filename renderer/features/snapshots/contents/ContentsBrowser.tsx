import { useEffect, useMemo, useRef, useState } from 'react';
import type { ContentsEntry } from '#shared/contract/contents';
import type { Snapshot } from '#shared/contract/snapshots';
import { type SandglassError, toSandglassError } from '#shared/errors';
import { formatCount } from '#shared/format';
import { useRoute } from '../../../stores/route';
import { useSnapshot } from '../../../stores/snapshots';
import { useTasks } from '../../../stores/tasks';
import { ErrorNote } from '../../../ui/ErrorNote';
import { TaskProgress } from '../../activity/TaskProgress';
import { joinPath, nameOf, parentPath } from '../../files/paths';
import { goToPath, select, setContentsLocation, useContentsLocation } from './contentsLocation';
import { entriesText } from './folder/describeEntry';
import { FolderGrid } from './folder/FolderGrid';
import { type EntrySort, sortEntries } from './folder/sortEntries';
import type { FolderState } from './folder/useFolder';
import { PathBar } from './PathBar';
import { PreviewPane } from './preview/PreviewPane';
import { useDragOut } from './useDragOut';

interface ContentsBrowserProps {
  snapshot: Snapshot;
  listing: FolderState | null;
}

/** Browses a snapshot's filesystem: the entries of a folder and a preview of the selected one. */
export function ContentsBrowser({ snapshot, listing }: ContentsBrowserProps) {
  const { id } = snapshot;
  const { folder, selected } = useContentsLocation(id);
  const parent = useSnapshot(snapshot.parentSnapshotId);
  const [sort, setSort] = useState<EntrySort>({ by: 'name', descending: false });
  const [ownOnly, setOwnOnly] = useState(false);
  const [typed, setTyped] = useState<string | null>(null);
  const list = useRef<HTMLDivElement>(null);
  /** Leaves the path field and focuses the list. */
  const focusList = () => {
    setTyped(null);
    list.current?.querySelector<HTMLElement>('[role="grid"]')?.focus();
  };
  const { go, error } = useGo(id, focusList);
  const { dragged, onDragStart } = useDragOut(id);

  const entries = useMemo(() => {
    const shown = (listing?.entries ?? []).filter(({ own }) => own || !ownOnly || !parent);
    return sortEntries(shown, sort);
  }, [listing, ownOnly, parent, sort]);
  const entry = entries.find(({ name }) => name === selected) ?? null;

  const open = (opened: ContentsEntry) => {
    const path = joinPath(folder, opened.name);
    if (opened.kind === 'directory') setContentsLocation(id, { folder: path, selected: null });
    else if (opened.kind === 'symlink') go(path);
    else document.querySelector<HTMLElement>('.preview-text')?.focus();
  };
  const up = () => {
    if (folder !== '/')
      setContentsLocation(id, { folder: parentPath(folder), selected: nameOf(folder) });
  };

  return (
    <div className="contents">
      <PathBar folder={folder} typed={typed} onType={setTyped} onCancel={focusList} onGo={go} />
      {error && <ErrorNote error={error} />}
      <Saving snapshotId={id} />
      {dragged && (
        <p className="contents-dragged" role="status">
          {dragged.isReady ? `${dragged.name} is ready to drag.` : `Preparing ${dragged.name}…`}
        </p>
      )}
      <div className="contents-split">
        <div className="contents-list" ref={list}>
          {listing?.error ? (
            <ErrorNote error={listing.error} />
          ) : (
            <FolderGrid
              path={folder}
              entries={entries}
              selected={selected}
              marksOwn={parent !== null}
              sort={sort}
              onSort={setSort}
              onSelect={(name) => select(id, name)}
              onOpen={open}
              onUp={up}
              onPath={() => setTyped('/')}
              onDragStart={(event, { name }) => onDragStart(event, joinPath(folder, name), name)}
            />
          )}
          <footer className="contents-foot soft">
            <span>{listing && countText(listing, entries.length, ownOnly)}</span>
            {parent && (
              <label className="check">
                <input
                  type="checkbox"
                  checked={ownOnly}
                  onChange={(event) => setOwnOnly(event.target.checked)}
                />
                Only added or changed
              </label>
            )}
          </footer>
        </div>
        <PreviewPane
          snapshot={snapshot}
          path={entry ? joinPath(folder, entry.name) : folder}
          entry={entry}
          onGo={go}
        />
      </div>
    </div>
  );
}

function countText({ entries, total }: FolderState, shown: number, ownOnly: boolean): string {
  if (total === 0) return 'This folder is empty.';
  if (entries.length < total) return `Loading ${entriesText(total)}…`;
  return ownOnly ? `${formatCount(shown)} of ${entriesText(total)}` : entriesText(total);
}

/** Navigates to paths entered here and to the path requested by the route. */
function useGo(snapshotId: string, onArrived: () => void) {
  const [error, setError] = useState<SandglassError | null>(null);
  const requestedPath = useRoute(({ contentsPath }) => contentsPath);
  const go = (path: string) => {
    goToPath(snapshotId, path).then(
      () => {
        setError(null);
        onArrived();
      },
      (thrown: unknown) => setError(toSandglassError(thrown)),
    );
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: navigates only when the route requests a path
  useEffect(() => {
    if (requestedPath === null) return;
    useRoute.setState({ contentsPath: null });
    go(requestedPath);
  }, [requestedPath]);
  return { go, error };
}

/** Progress of files being saved from the snapshot. */
function Saving({ snapshotId }: { snapshotId: string }) {
  const tasks = useTasks(({ items }) => items).filter(
    (task) =>
      task.kind === 'contents.save' && task.snapshotId === snapshotId && task.endedAt === null,
  );
  return tasks.map((task) => <TaskProgress key={task.id} task={task} />);
}
