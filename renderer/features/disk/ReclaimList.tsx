import { useVirtualizer } from '@tanstack/react-virtual';
import { Star } from 'lucide-react';
import { useEffect, useRef } from 'react';
import type { Reclaimable } from '#shared/contract/disk';
import { formatBytes, formatCount } from '#shared/format';
import { useSandboxes } from '../../stores/sandboxes';
import { useSnapshot } from '../../stores/snapshots';
import { Age } from '../../ui/Age';
import { SnapshotTitle } from '../common/SnapshotTitle';
import { useSnapshotTitles } from '../common/useSnapshotTitles';
import { canDelete, reclaimGroups, type Selected } from './reclaimChoice';

const ROW_HEIGHT = 40;

interface ReclaimListProps {
  items: readonly Reclaimable[];
  selected: Selected;
  onSelect: (ids: string[], on: boolean) => void;
}

type Line = { label: string; items: Reclaimable[] } | Reclaimable;

/** Virtualized list of reclaimable objects by kind, with checkboxes. */
export function ReclaimList({ items, selected, onSelect }: ReclaimListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const lines = reclaimGroups.flatMap(({ kind, label }): Line[] => {
    const ofKind = items.filter((item) => item.kind === kind);
    return ofKind.length > 0 ? [{ label, items: ofKind }, ...ofKind] : [];
  });
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 8,
  });
  return (
    <div className="reclaim-list" ref={scroller}>
      <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const line = lines[index];
          if (!line) return null;
          const style = { transform: `translateY(${start}px)` };
          if (!('items' in line)) {
            const { id } = line;
            return (
              <div key={id} className="reclaim-line" style={style}>
                <ItemLine
                  item={line}
                  isSelected={selected.has(id)}
                  isAllowed={canDelete(line, selected)}
                  onSelect={(on) => onSelect([id], on)}
                />
              </div>
            );
          }
          return (
            <div key={line.label} className="reclaim-line group" style={style}>
              <GroupLine {...line} selected={selected} onSelect={onSelect} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

function GroupLine({
  label,
  items,
  selected,
  onSelect,
}: ReclaimListProps & { label: string; items: Reclaimable[] }) {
  const box = useRef<HTMLInputElement>(null);
  const possible = items.filter((item) => canDelete(item, selected)).map(({ id }) => id);
  const count = items.filter(({ id }) => selected.has(id)).length;
  useEffect(() => {
    if (box.current) box.current.indeterminate = count > 0 && count < items.length;
  }, [count, items.length]);
  return (
    <label>
      <input
        ref={box}
        type="checkbox"
        aria-label={`All ${label.toLowerCase()}`}
        checked={count === items.length}
        disabled={possible.length === 0}
        onChange={() => onSelect(possible, count < possible.length)}
      />
      <strong>{label}</strong>
      <span className="soft">
        {formatCount(count)} of {formatCount(items.length)}
      </span>
    </label>
  );
}

interface ItemLineProps {
  item: Reclaimable;
  isSelected: boolean;
  /** Whether all sandboxes based on it are selected. */
  isAllowed: boolean;
  onSelect: (on: boolean) => void;
}

function ItemLine({ item, isSelected, isAllowed, onSelect }: ItemLineProps) {
  const { id, reason, bytes, since, usedBy } = item;
  const snapshot = useSnapshot(id);
  const titleOf = useSnapshotTitles();
  const name = snapshot ? titleOf(snapshot) : item.name;
  const sandboxes = useSandboxes(({ items }) => items);
  const users = sandboxes
    .filter((sandbox) => usedBy.includes(sandbox.id))
    .map((sandbox) => sandbox.name)
    .join(', ');
  return (
    <label className={isAllowed ? '' : 'blocked'}>
      <input
        type="checkbox"
        aria-label={name}
        checked={isSelected}
        disabled={!isAllowed}
        onChange={(event) => onSelect(event.target.checked)}
      />
      <span className="reclaim-name mono">
        <SnapshotTitle title={name} />
      </span>
      {snapshot?.favourite && <Star size={12} aria-label="Favourite" className="reclaim-star" />}
      <span
        className="reclaim-reason soft"
        title={isAllowed ? reason : `Requires deleting ${users} as well`}
      >
        {isAllowed ? reason : `Select ${users} first`}
        {since !== null && isAllowed && (
          <>
            {' · '}
            <Age time={since} />
          </>
        )}
      </span>
      <span className="reclaim-bytes">{formatBytes(bytes)}</span>
    </label>
  );
}
