import { operations } from '../../../api/operations';
import { useEngineReady } from '../../../stores/engine';
import { Button } from '../../../ui/Button';
import { toastError } from '../../../ui/toastError';

/** The way out of a reading that failed. */
export function ReindexButton({ snapshotId }: { snapshotId: string }) {
  const ready = useEngineReady();
  return (
    <Button
      disabled={!ready}
      onClick={() => void toastError(operations.contents.readAgain({ snapshotId }))}
    >
      Read again
    </Button>
  );
}
