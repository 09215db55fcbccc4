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
import { canGo, reclaimGroups, type Ticked } from './reclaimChoice';

const ROW_HEIGHT = 40;

interface ReclaimListProps {
  items: readonly Reclaimable[];
  ticked: Ticked;
  onTick: (ids: string[], on: boolean) => void;
}

type Line = { label: string; items: Reclaimable[] } | Reclaimable;

/** What could go, by kind, to be ticked; only the lines in sight are drawn. */
export function ReclaimList({ items, ticked, onTick }: ReclaimListProps) {
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
                  isTicked={ticked.has(id)}
                  isAllowed={canGo(line, ticked)}
                  onTick={(on) => onTick([id], on)}
                />
              </div>
            );
          }
          return (
            <div key={line.label} className="reclaim-line group" style={style}>
              <GroupLine {...line} ticked={ticked} onTick={onTick} />
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
  ticked,
  onTick,
}: ReclaimListProps & { label: string; items: Reclaimable[] }) {
  const box = useRef<HTMLInputElement>(null);
  const possible = items.filter((item) => canGo(item, ticked)).map(({ id }) => id);
  const count = items.filter(({ id }) => ticked.has(id)).length;
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
        onChange={() => onTick(possible, count < possible.length)}
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
  isTicked: boolean;
  /** Whether everything that is based on it is ticked. */
  isAllowed: boolean;
  onTick: (on: boolean) => void;
}

function ItemLine({ item, isTicked, isAllowed, onTick }: ItemLineProps) {
  const { id, reason, bytes, since, usedBy } = item;
  const snapshot = useSnapshot(id);
  const titleOf = useSnapshotTitles();
  const name = snapshot ? titleOf(snapshot) : item.name;
  const users = useSandboxes(({ items }) => items).filter((user) => usedBy.includes(user.id));
  const needs = users.map((user) => user.name).join(', ');
  return (
    <label className={isAllowed ? '' : 'blocked'}>
      <input
        type="checkbox"
        aria-label={name}
        checked={isTicked}
        disabled={!isAllowed}
        onChange={(event) => onTick(event.target.checked)}
      />
      <span className="reclaim-name mono">
        <SnapshotTitle title={name} />
      </span>
      {snapshot?.favourite && <Star size={12} aria-label="Favourite" className="reclaim-star" />}
      <span className="reclaim-reason soft" title={isAllowed ? reason : `Needs ${needs} to go too`}>
        {isAllowed ? reason : `Tick ${needs} first`}
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
