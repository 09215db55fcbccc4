import { GitCompareArrows, Trash2 } from 'lucide-react';
import { useMemo } from 'react';
import { formatBytes, formatCount } from '#shared/format';
import type { SnapshotVersions } from '#shared/versions';
import { useEngineReady } from '../../../stores/engine';
import { compareSnapshots, openDialog } from '../../../stores/route';
import { Button } from '../../../ui/Button';
import { useFreedBytes } from '../useFreedBytes';
import { clearSelection, useGallery } from './galleryStore';
import './SelectionBar.css';

/** Actions for the selected snapshots, excluding those hidden by the filter. */
export function SelectionBar({ shown }: { shown: readonly SnapshotVersions[] }) {
  const selected = useGallery((state) => state.selected);
  const ready = useEngineReady();
  const snapshots = useMemo(
    () => shown.filter(({ name }) => selected.has(name)).flatMap(({ versions }) => versions),
    [shown, selected],
  );
  const [older, newer] = snapshots
    .filter(({ status }) => status === 'ready')
    .sort((a, b) => a.createdAt - b.createdAt);
  const freed = useFreedBytes(snapshots);
  if (snapshots.length === 0) return null;
  return (
    <section className="selection-bar" aria-label="Selection">
      <p role="status">
        {snapshots.length === 1 ? '1 snapshot' : `${formatCount(snapshots.length)} snapshots`}{' '}
        selected
        {freed !== null &&
          `; deleting ${snapshots.length === 1 ? 'it' : 'them'} frees ${formatBytes(freed)}`}
      </p>
      {older && newer && snapshots.length === 2 && (
        <Button onClick={() => compareSnapshots(older.id, newer.id)}>
          <GitCompareArrows size={14} aria-hidden /> Compare
        </Button>
      )}
      <Button variant="quiet" onClick={clearSelection}>
        Clear
      </Button>
      <Button
        variant="danger"
        disabled={!ready}
        onClick={() =>
          openDialog({ kind: 'delete-snapshots', snapshotIds: snapshots.map(({ id }) => id) })
        }
      >
        <Trash2 size={14} aria-hidden /> Delete…
      </Button>
    </section>
  );
}
