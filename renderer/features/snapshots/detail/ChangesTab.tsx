import { useMemo } from 'react';
import type { Snapshot } from '#shared/contract/snapshots';
import { openDialog, useRoute } from '../../../stores/route';
import { useSnapshots } from '../../../stores/snapshots';
import { Button } from '../../../ui/Button';
import { EmptyState } from '../../../ui/EmptyState';
import { Comparison } from '../changes/Comparison';
import { comparedSnapshot } from '../changes/comparedSnapshot';
import '../changes/changes.css';

/** Changes since another snapshot, by default the parent. */
export function ChangesTab({ snapshot }: { snapshot: Snapshot }) {
  const snapshots = useSnapshots(({ items }) => items);
  const chosenId = useRoute(({ compareWithId }) => compareWithId);
  const { other, isParentDeleted } = useMemo(
    () => comparedSnapshot(snapshot, snapshots, chosenId),
    [snapshot, snapshots, chosenId],
  );
  if (snapshot.status !== 'ready') {
    return (
      <EmptyState title="Not ready">Changes can be compared once the snapshot is ready.</EmptyState>
    );
  }
  if (!other) {
    const isOnlySnapshot = snapshots.every(
      ({ id, status }) => id === snapshot.id || status !== 'ready',
    );
    return (
      <EmptyState
        title="No snapshot to compare with"
        action={
          <Button
            variant="primary"
            disabled={isOnlySnapshot}
            onClick={() => openDialog({ kind: 'compare', snapshotId: snapshot.id })}
          >
            Choose a snapshot…
          </Button>
        }
      >
        {isParentDeleted
          ? 'The snapshot it was captured from was deleted. '
          : 'It was built from an image, so it has no parent. '}
        {isOnlySnapshot
          ? 'Create another snapshot to compare with.'
          : 'Choose any other snapshot to see the differences.'}
      </EmptyState>
    );
  }
  const note =
    isParentDeleted && other.id !== chosenId
      ? 'The snapshot it was captured from was deleted. Compared with the previous version instead.'
      : null;
  return <Comparison key={other.id} snapshot={snapshot} other={other} note={note} />;
}
