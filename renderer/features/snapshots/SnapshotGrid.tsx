import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import type { SnapshotVersions } from '#shared/versions';
import { SnapshotCard } from './SnapshotCard';
import { useWidth } from './useWidth';

/** Pixels; the card's own height is set in snapshots.css. */
const LEAST_CARD_WIDTH = 232;
const GAP = 16;
const ROW_HEIGHT = 252 + GAP;

/** The wall of cards; only those in sight are drawn. */
export function SnapshotGrid({
  groups,
  selectedName,
}: {
  groups: SnapshotVersions[];
  selectedName: string | null;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const width = useWidth(scroller) - 2 * GAP;
  const columns = Math.max(1, Math.floor((width + GAP) / (LEAST_CARD_WIDTH + GAP)));
  const rows = useVirtualizer({
    count: Math.ceil(groups.length / columns),
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 3,
  });
  return (
    <div className="snapshot-scroller" ref={scroller}>
      <div className="snapshot-canvas" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((row) => (
          <div
            key={row.key}
            className="snapshot-row"
            style={{
              gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
              transform: `translateY(${row.start}px)`,
            }}
          >
            {groups.slice(row.index * columns, (row.index + 1) * columns).map((group) => (
              <SnapshotCard key={group.name} group={group} selected={group.name === selectedName} />
            ))}
          </div>
        ))}
      </div>
    </div>
  );
}
