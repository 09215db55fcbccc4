import { useMemo } from 'react';
import type { Snapshot } from '#shared/contract/snapshots';
import { openDialog, useRoute } from '../../../stores/route';
import { useSnapshots } from '../../../stores/snapshots';
import { Button } from '../../../ui/Button';
import { EmptyState } from '../../../ui/EmptyState';
import { Comparison } from '../changes/Comparison';
import { comparedSnapshot } from '../changes/comparedSnapshot';
import '../changes/changes.css';

/** What has changed since another snapshot: the one that it was captured from, unless another is chosen. */
export function ChangesTab({ snapshot }: { snapshot: Snapshot }) {
  const snapshots = useSnapshots(({ items }) => items);
  const chosenId = useRoute(({ compareWithId }) => compareWithId);
  const { other, isParentDeleted } = useMemo(
    () => comparedSnapshot(snapshot, snapshots, chosenId),
    [snapshot, snapshots, chosenId],
  );
  if (snapshot.status !== 'ready') {
    return (
      <EmptyState title="Not ready">
        There is something to compare when the snapshot is ready.
      </EmptyState>
    );
  }
  if (!other) {
    const isAlone = snapshots.every(({ id, status }) => id === snapshot.id || status !== 'ready');
    return (
      <EmptyState
        title="Compared with what?"
        action={
          <Button
            variant="primary"
            disabled={isAlone}
            onClick={() => openDialog({ kind: 'compare', snapshotId: snapshot.id })}
          >
            Choose a snapshot…
          </Button>
        }
      >
        {isParentDeleted
          ? 'The snapshot that it was captured from is deleted. '
          : 'It was built from an image, so there is no snapshot before it. '}
        {isAlone
          ? 'With a second snapshot there is one to compare it with.'
          : 'Choose any other to see what differs.'}
      </EmptyState>
    );
  }
  const note =
    isParentDeleted && other.id !== chosenId
      ? 'The snapshot that it was captured from is deleted; this is the version before it.'
      : null;
  return <Comparison key={other.id} snapshot={snapshot} other={other} note={note} />;
}
