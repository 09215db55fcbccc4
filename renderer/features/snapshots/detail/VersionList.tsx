import type { Snapshot } from '#shared/contract/snapshots';
import { formatBytes } from '#shared/format';
import { groupVersions } from '#shared/versions';
import { selectSnapshot } from '../../../stores/route';
import { useSnapshots } from '../../../stores/snapshots';
import { Age } from '../../../ui/Age';
import { versionMark } from '../../common/describeSnapshot';

/** All versions of a snapshot's name; hidden if there is only one. */
export function VersionList({ of: { id, name } }: { of: Snapshot }) {
  const items = useSnapshots((state) => state.items);
  const [group] = groupVersions(items.filter((snapshot) => snapshot.name === name));
  if (!group || group.versions.length === 1) return null;
  const newestReady = group.versions.find(({ status }) => status === 'ready');
  return (
    <section className="detail-versions" aria-label="Versions">
      <h2>Versions</h2>
      <ul>
        {group.versions.map((version) => (
          <li key={version.id}>
            <button
              type="button"
              className="version mono"
              aria-current={version.id === id}
              onClick={() => selectSnapshot(version.id)}
            >
              <span>{versionMark(version)}</span>
              <span className="soft">
                {version.status === 'ready' ? (
                  <>
                    {version === newestReady && 'newest · '}
                    {version.sizeBytes !== null && `${formatBytes(version.sizeBytes)} · `}
                    <Age time={version.createdAt} />
                  </>
                ) : (
                  version.status
                )}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
