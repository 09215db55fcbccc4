import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import { formatBytes } from '#shared/format';
import type { SnapshotVersions } from '#shared/versions';
import { useEngineReady } from '../../stores/engine';
import { selectSnapshot } from '../../stores/route';
import { Age } from '../../ui/Age';
import { Button } from '../../ui/Button';
import { bootNow } from './bootNow';
import { originText, versionCountText, versionsTitle } from './describeSnapshot';

const ROW_HEIGHT = 36;

/** The gallery as a dense list; only the rows in sight are drawn. */
export function SnapshotTable({
  groups,
  selectedName,
}: {
  groups: SnapshotVersions[];
  selectedName: string | null;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const ready = useEngineReady();
  const rows = useVirtualizer({
    count: groups.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 10,
  });
  return (
    <div className="snapshot-scroller" ref={scroller}>
      <div className="snapshot-canvas" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ index, key, start }) => {
          const group = groups[index];
          if (!group) return null;
          const snapshot = group.head;
          const title = versionsTitle(group);
          const versionCount = versionCountText(group);
          return (
            <article
              key={key}
              aria-label={title}
              className={`snapshot-line ${group.name === selectedName ? 'selected' : ''}`}
              style={{ transform: `translateY(${start}px)` }}
            >
              <button
                type="button"
                className="snapshot-line-name mono"
                onClick={() => selectSnapshot(snapshot.id)}
              >
                {title}
              </button>
              <span className="soft">
                {versionCount && `${versionCount} · `}
                {originText(snapshot)}
              </span>
              <span>{snapshot.sizeBytes === null ? '' : formatBytes(snapshot.sizeBytes)}</span>
              <span className="soft">
                {snapshot.status === 'ready' ? <Age time={snapshot.createdAt} /> : snapshot.status}
              </span>
              <Button
                disabled={!ready || snapshot.status !== 'ready'}
                onClick={() => void bootNow(snapshot)}
              >
                Boot
              </Button>
            </article>
          );
        })}
      </div>
    </div>
  );
}
