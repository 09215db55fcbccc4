import { useEngineReady } from '../../stores/engine';
import { openDialog } from '../../stores/route';
import { Button } from '../../ui/Button';

export function NewSnapshotButton() {
  const ready = useEngineReady();
  return (
    <Button
      variant="primary"
      disabled={!ready}
      onClick={() => openDialog({ kind: 'new-snapshot' })}
    >
      <span>
        New<span className="wide-only"> snapshot</span>
      </span>
    </Button>
  );
}
