import type { Snapshot } from '#shared/contract/snapshots';
import { useEngineReady } from '../../../stores/engine';
import { openDialog } from '../../../stores/route';
import { Button } from '../../../ui/Button';
import { toastError } from '../../../ui/toastError';
import { BootButtons } from '../BootButtons';
import { exportSnapshot } from '../exportSnapshot';

/** What can be done with a snapshot, whatever tab is open. */
export function DetailActions({ snapshot }: { snapshot: Snapshot }) {
  const ready = useEngineReady() && snapshot.status === 'ready';
  return (
    <div className="detail-actions">
      <BootButtons snapshot={snapshot} />
      <Button disabled={!ready} onClick={() => void toastError(exportSnapshot(snapshot))}>
        Export…
      </Button>
      <Button
        look="danger"
        disabled={!ready}
        onClick={() => openDialog({ kind: 'delete-snapshots', snapshotIds: [snapshot.id] })}
      >
        Delete
      </Button>
    </div>
  );
}
