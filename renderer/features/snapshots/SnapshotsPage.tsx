import { LayoutGrid, List } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useEngineReady } from '../../stores/engine';
import { openDialog, useRoute } from '../../stores/route';
import { useSnapshot, useSnapshots } from '../../stores/snapshots';
import { Button, IconButton } from '../../ui/Button';
import { EmptyState } from '../../ui/EmptyState';
import { arrange, type SnapshotSort } from './describeSnapshot';
import { SnapshotDetail } from './detail/SnapshotDetail';
import { SnapshotGrid } from './SnapshotGrid';
import { SnapshotTable } from './SnapshotTable';
import './snapshots.css';

/** The gallery. */
export function SnapshotsPage() {
  const { items, loaded } = useSnapshots();
  const [filter, setFilter] = useState('');
  const [sort, setSort] = useState<SnapshotSort>('newest');
  const [dense, setDense] = useState(false);
  const selected = useSnapshot(useRoute(({ selectedSnapshotId }) => selectedSnapshotId));
  const shown = useMemo(() => arrange(items, filter, sort), [items, filter, sort]);
  const View = dense ? SnapshotTable : SnapshotGrid;
  return (
    <>
      <header className="page-header">
        <h1>Snapshots</h1>
        {items.length > 0 && (
          <>
            <input
              className="text-input"
              type="search"
              aria-label="Filter by name or origin"
              placeholder="Filter"
              value={filter}
              onChange={(event) => setFilter(event.target.value)}
            />
            <select
              className="text-input"
              aria-label="Sort"
              value={sort}
              onChange={(event) => setSort(event.target.value as SnapshotSort)}
            >
              <option value="newest">Newest</option>
              <option value="name">Name</option>
              <option value="size">Size</option>
            </select>
            <IconButton label="Cards" aria-pressed={!dense} onClick={() => setDense(false)}>
              <LayoutGrid size={16} />
            </IconButton>
            <IconButton label="List" aria-pressed={dense} onClick={() => setDense(true)}>
              <List size={16} />
            </IconButton>
          </>
        )}
        <NewSnapshotButton />
      </header>
      <div className="snapshots">
        {shown.length > 0 && <View groups={shown} selectedName={selected?.name ?? null} />}
        {loaded && items.length === 0 && (
          <EmptyState title="No snapshots yet" action={<NewSnapshotButton />}>
            A snapshot is a filesystem that sandboxes boot from. Build the first one from any Docker
            image.
          </EmptyState>
        )}
        {items.length > 0 && shown.length === 0 && (
          <EmptyState
            title="Nothing matches"
            action={<Button onClick={() => setFilter('')}>Clear the filter</Button>}
          >
            No snapshot has “{filter}” in its name or origin.
          </EmptyState>
        )}
        {!loaded && <p className="loading soft">Loading…</p>}
        {selected && <SnapshotDetail snapshot={selected} />}
      </div>
    </>
  );
}

function NewSnapshotButton() {
  const ready = useEngineReady();
  return (
    <Button look="primary" disabled={!ready} onClick={() => openDialog({ kind: 'new-snapshot' })}>
      New snapshot
    </Button>
  );
}
