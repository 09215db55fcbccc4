import { CopyPlus, FileOutput, Trash2 } from 'lucide-react';
import type { Snapshot } from '#shared/contract/snapshots';
import { useEngineReady } from '../../../stores/engine';
import { openDialog } from '../../../stores/route';
import { IconButton } from '../../../ui/Button';
import { toastError } from '../../../ui/toastError';
import { BootButtons } from '../../common/BootButtons';
import { exportSnapshot } from '../exportSnapshot';

/** Actions of a snapshot, shown above all tabs. */
export function DetailActions({ snapshot }: { snapshot: Snapshot }) {
  const disabled = !(useEngineReady() && snapshot.status === 'ready');
  const { id } = snapshot;
  return (
    <div className="detail-actions">
      <BootButtons snapshot={snapshot} />
      <IconButton
        label="Duplicate…"
        disabled={disabled}
        onClick={() => openDialog({ kind: 'duplicate-snapshot', snapshotId: id })}
      >
        <CopyPlus size={16} />
      </IconButton>
      <IconButton
        label="Export…"
        disabled={disabled}
        onClick={() => void toastError(exportSnapshot(snapshot))}
      >
        <FileOutput size={16} />
      </IconButton>
      <IconButton
        label="Delete"
        className="danger"
        disabled={disabled}
        onClick={() => openDialog({ kind: 'delete-snapshots', snapshotIds: [id] })}
      >
        <Trash2 size={16} />
      </IconButton>
    </div>
  );
}
