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

/** Why a snapshot's contents are not here, and what becomes of that. */
export function ContentsNotIndexed({ snapshot }: { snapshot: Snapshot }) {
  const status = useContents((contents) => contents.status);
  const ready = useEngineReady();
  if (!status) return null;
  const failure = status.failed.find(({ snapshotId }) => snapshotId === snapshot.id);
  if (!status.enabled) {
    return (
      <EmptyState
        title="Sandglass does not look into snapshots"
        action={
          <Button
            variant="primary"
            onClick={() => void toastError(operations.settings.update({ lookInside: true }))}
          >
            Look inside
          </Button>
        }
      >
        It is switched off in Settings. Each snapshot is read once, in the background; nothing is
        booted for it.
      </EmptyState>
    );
  }
  if (failure) {
    return (
      <EmptyState
        title="It could not be looked into"
        action={<ReindexButton snapshotId={snapshot.id} />}
      >
        {failure.message}
        <br />
        When Docker connects anew it is tried again by itself.
      </EmptyState>
    );
  }
  if (snapshot.status !== 'ready') {
    return <EmptyState title="It is being made">Its contents come when it is ready.</EmptyState>;
  }
  if (!ready) {
    return (
      <EmptyState title="Docker is away">
        This snapshot was not looked into yet. It will be when Docker is back.
      </EmptyState>
    );
  }
  if (status.reading?.snapshotId === snapshot.id) {
    const { bytesDone, bytesTotal } = status.reading;
    const total = bytesTotal === null ? '' : ` of about ${formatBytes(bytesTotal)}`;
    return (
      <EmptyState
        title="Looking inside…"
        action={
          <div className="contents-indexing">
            <Progress
              fraction={bytesTotal ? Math.min(1, bytesDone / bytesTotal) : null}
              label="Looking inside"
            />
          </div>
        }
      >
        {formatBytes(bytesDone)}
        {total} read. Nothing is booted for it.
      </EmptyState>
    );
  }
  return (
    <EmptyState title="It is looked into soon">
      {status.reading
        ? `${status.reading.name} is being read; ${waitingText(status.waiting)}.`
        : 'Snapshots are read one after the other, while Docker is not needed for anything else.'}
    </EmptyState>
  );
}

function waitingText(waiting: number): string {
  return waiting <= 1 ? 'this one is next' : `${waiting} are waiting`;
}
