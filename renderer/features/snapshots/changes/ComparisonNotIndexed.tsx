import type { Snapshot } from '#shared/contract/snapshots';
import { formatBytes } from '#shared/format';
import { operations } from '../../../api/operations';
import { useContents } from '../../../stores/contents';
import { useEngineReady } from '../../../stores/engine';
import { Button } from '../../../ui/Button';
import { EmptyState } from '../../../ui/EmptyState';
import { ErrorNote } from '../../../ui/ErrorNote';
import { Progress } from '../../../ui/Progress';
import { toastError } from '../../../ui/toastError';
import { snapshotTitle } from '../../common/describeSnapshot';
import { ReindexButton } from '../contents/ReindexButton';

/** Explains why snapshots cannot be compared yet, with the progress of indexing. */
export function ComparisonNotIndexed({ snapshots }: { snapshots: readonly Snapshot[] }) {
  const status = useContents((contents) => contents.status);
  const ready = useEngineReady();
  const failed = status?.failed.find(({ snapshotId }) =>
    snapshots.some(({ id }) => id === snapshotId),
  );
  if (failed) {
    const hint = 'Indexing is retried automatically when Docker reconnects.';
    return (
      <>
        <ErrorNote error={{ message: `Indexing failed: ${failed.message}`, hint }} />
        <div>
          <ReindexButton snapshotId={failed.snapshotId} />
        </div>
      </>
    );
  }
  if (status && !status.enabled) {
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
        Comparing requires an index. Each snapshot is read once, in the background.
      </EmptyState>
    );
  }
  if (!ready) {
    return (
      <EmptyState title="Not indexed yet">
        Indexing continues once Docker is available again.
      </EmptyState>
    );
  }
  const reading = status?.reading ?? null;
  const own = snapshots.find(({ id }) => id === reading?.snapshotId);
  if (reading && own) {
    const { bytesDone, bytesTotal } = reading;
    return (
      <EmptyState
        title={`Indexing ${snapshotTitle(own)}`}
        action={
          <div className="changes-progress">
            <Progress
              label={`Indexing ${snapshotTitle(own)}`}
              fraction={bytesTotal ? Math.min(1, bytesDone / bytesTotal) : null}
            />
          </div>
        }
      >
        {formatBytes(bytesDone)}
        {bytesTotal !== null && ` of ${formatBytes(bytesTotal)}`}. The differences appear once
        indexing is done.
      </EmptyState>
    );
  }
  return (
    <EmptyState title="Waiting to be indexed">
      {reading ? `${reading.name} is indexed first. ` : ''}The differences appear once indexing is
      done.
    </EmptyState>
  );
}
