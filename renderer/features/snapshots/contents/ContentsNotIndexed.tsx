import type { Snapshot } from '#shared/contract/snapshots';
import { formatBytes } from '#shared/format';
import { operations } from '../../../api/operations';
import { useContents } from '../../../stores/contents';
import { useEngineReady } from '../../../stores/engine';
import { Button } from '../../../ui/Button';
import { EmptyState } from '../../../ui/EmptyState';
import { Progress } from '../../../ui/Progress';
import { toastError } from '../../../ui/toastError';
import { ReindexButton } from './ReindexButton';

/** Explains why a snapshot's contents are not available, with the progress of indexing. */
export function ContentsNotIndexed({ snapshot }: { snapshot: Snapshot }) {
  const status = useContents((contents) => contents.status);
  const ready = useEngineReady();
  if (!status) return null;
  const failure = status.failed.find(({ snapshotId }) => snapshotId === snapshot.id);
  if (!status.enabled) {
    return (
      <EmptyState
        title="Indexing is turned off"
        action={
          <Button
            variant="primary"
            onClick={() => void toastError(operations.settings.update({ lookInside: true }))}
          >
            Turn on indexing
          </Button>
        }
      >
        Contents require an index. Each snapshot is read once, in the background, without booting
        it.
      </EmptyState>
    );
  }
  if (failure) {
    return (
      <EmptyState title="Indexing failed" action={<ReindexButton snapshotId={snapshot.id} />}>
        {failure.message}
        <br />
        Indexing is retried automatically when Docker reconnects.
      </EmptyState>
    );
  }
  if (snapshot.status !== 'ready') {
    return (
      <EmptyState title="Not ready">Contents are available once the snapshot is ready.</EmptyState>
    );
  }
  if (!ready) {
    return (
      <EmptyState title="Docker is not responding">
        This snapshot is not indexed yet. Indexing continues once Docker is available again.
      </EmptyState>
    );
  }
  if (status.reading?.snapshotId === snapshot.id) {
    const { bytesDone, bytesTotal } = status.reading;
    const total = bytesTotal === null ? '' : ` of about ${formatBytes(bytesTotal)}`;
    return (
      <EmptyState
        title="Indexing…"
        action={
          <div className="contents-indexing">
            <Progress
              fraction={bytesTotal ? Math.min(1, bytesDone / bytesTotal) : null}
              label="Indexing"
            />
          </div>
        }
      >
        {formatBytes(bytesDone)}
        {total} read.
      </EmptyState>
    );
  }
  return (
    <EmptyState title="Waiting to be indexed">
      {status.reading
        ? `${status.reading.name} is being indexed; ${waitingText(status.waiting)}.`
        : 'Snapshots are indexed one at a time while Docker is idle.'}
    </EmptyState>
  );
}

function waitingText(waiting: number): string {
  return waiting <= 1 ? 'this one is next' : `${waiting} are waiting`;
}
