import { operations } from '../../../api/operations';
import { useEngineReady } from '../../../stores/engine';
import { Button } from '../../../ui/Button';
import { toastError } from '../../../ui/toastError';

/** Retries indexing after a failure. */
export function ReindexButton({ snapshotId }: { snapshotId: string }) {
  const ready = useEngineReady();
  return (
    <Button
      disabled={!ready}
      onClick={() => void toastError(operations.contents.readAgain({ snapshotId }))}
    >
      Index again
    </Button>
  );
}
