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

/** Why snapshots cannot be looked into yet, and how far it is. */
export function ComparisonNotIndexed({ snapshots }: { snapshots: readonly Snapshot[] }) {
  const status = useContents((contents) => contents.status);
  const ready = useEngineReady();
  const failed = status?.failed.find(({ snapshotId }) =>
    snapshots.some(({ id }) => id === snapshotId),
  );
  if (failed) {
    const hint = 'When Docker connects anew it is tried again by itself.';
    return (
      <>
        <ErrorNote error={{ message: `It could not be read: ${failed.message}`, hint }} />
        <div>
          <ReindexButton snapshotId={failed.snapshotId} />
        </div>
      </>
    );
  }
  if (status && !status.enabled) {
    return (
      <EmptyState
        title="Snapshots are not looked into"
        action={
          <Button
            variant="primary"
            onClick={() => void toastError(operations.settings.update({ lookInside: true }))}
          >
            Look into snapshots
          </Button>
        }
      >
        To tell what differs, each is read once, in the background.
      </EmptyState>
    );
  }
  if (!ready) {
    return (
      <EmptyState title="Not read yet">
        These are read once, in the background, when Docker answers again.
      </EmptyState>
    );
  }
  const reading = status?.reading ?? null;
  const own = snapshots.find(({ id }) => id === reading?.snapshotId);
  if (reading && own) {
    const { bytesDone, bytesTotal } = reading;
    return (
      <EmptyState
        title={`Reading ${snapshotTitle(own)}`}
        action={
          <div className="changes-progress">
            <Progress
              label={`Reading ${snapshotTitle(own)}`}
              fraction={bytesTotal ? Math.min(1, bytesDone / bytesTotal) : null}
            />
          </div>
        }
      >
        {formatBytes(bytesDone)}
        {bytesTotal !== null && ` of ${formatBytes(bytesTotal)}`}. What differs is shown as soon as
        it is known.
      </EmptyState>
    );
  }
  return (
    <EmptyState title="Waiting to be read">
      {reading ? `${reading.name} is being read first. ` : ''}What differs is shown as soon as it is
      known.
    </EmptyState>
  );
}
