import type { Snapshot } from '#shared/contract/snapshots';
import { formatBytes } from '#shared/format';
import { selectSnapshot } from '../../stores/route';
import { useTaskOf } from '../../stores/tasks';
import { Age } from '../../ui/Age';
import { TaskProgress } from '../activity/TaskProgress';
import { BootButtons } from './BootButtons';
import { originText, snapshotTitle } from './describeSnapshot';
import { SnapshotPicture } from './SnapshotPicture';

/** A snapshot on the wall. */
export function SnapshotCard({ snapshot, selected }: { snapshot: Snapshot; selected: boolean }) {
  const title = snapshotTitle(snapshot);
  return (
    <article className={`card ${selected ? 'selected' : ''}`} aria-label={title}>
      <button
        type="button"
        className="card-picture"
        aria-label={`Open ${title}`}
        onClick={() => selectSnapshot(snapshot.id)}
      >
        <SnapshotPicture snapshot={snapshot} />
      </button>
      <div className="card-body">
        <h2 className="mono" title={title}>
          {title}
        </h2>
        <p className="soft card-origin" title={originText(snapshot)}>
          {originText(snapshot)}
        </p>
        <CardFoot snapshot={snapshot} />
      </div>
    </article>
  );
}

function CardFoot({ snapshot }: { snapshot: Snapshot }) {
  const task = useTaskOf(snapshot.id);
  if (task) return <TaskProgress task={task} />;
  if (snapshot.status !== 'ready') return <p className="soft">{snapshot.status}</p>;
  return (
    <>
      <p className="soft card-facts">
        {snapshot.sizeBytes !== null && <span>{formatBytes(snapshot.sizeBytes)}</span>}
        <Age time={snapshot.createdAt} />
        {snapshot.sandboxCount > 0 && <span>{sandboxCountText(snapshot.sandboxCount)}</span>}
      </p>
      <div className="card-actions">
        <BootButtons snapshot={snapshot} />
      </div>
    </>
  );
}

export function sandboxCountText(count: number): string {
  return count === 1 ? '1 sandbox' : `${count} sandboxes`;
}
