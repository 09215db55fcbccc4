import { formatBytes } from '#shared/format';
import type { SnapshotVersions } from '#shared/versions';
import { selectSnapshot } from '../../stores/route';
import { useTaskOf } from '../../stores/tasks';
import { Age } from '../../ui/Age';
import { TaskProgress } from '../activity/TaskProgress';
import { BootButtons } from './BootButtons';
import { originText, versionCountText, versionsTitle } from './describeSnapshot';
import { SnapshotPicture } from './SnapshotPicture';

/** A snapshot on the wall, with its older versions behind it. */
export function SnapshotCard({ group, selected }: { group: SnapshotVersions; selected: boolean }) {
  const snapshot = group.head;
  const title = versionsTitle(group);
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
        <CardFoot group={group} />
      </div>
    </article>
  );
}

function CardFoot({ group }: { group: SnapshotVersions }) {
  const snapshot = group.head;
  const sandboxCount = group.versions.reduce((sum, version) => sum + version.sandboxCount, 0);
  const versionCount = versionCountText(group);
  const task = useTaskOf(snapshot.id);
  if (task) return <TaskProgress task={task} />;
  if (snapshot.status !== 'ready') return <p className="soft">{snapshot.status}</p>;
  return (
    <>
      <p className="soft card-facts">
        {snapshot.sizeBytes !== null && <span>{formatBytes(snapshot.sizeBytes)}</span>}
        <Age time={snapshot.createdAt} />
        {versionCount && <span>{versionCount}</span>}
        {sandboxCount > 0 && <span>{sandboxCountText(sandboxCount)}</span>}
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
