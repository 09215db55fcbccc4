import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useId, useRef } from 'react';
import type { DifferenceRow } from '#shared/contract/contents';
import { ChangeRow } from './ChangeRow';
import { handleTreeKey } from './treeKeys';
import type { DifferenceRows } from './useDifferenceRows';
import { useKeepRowVisible } from './useKeepRowVisible';

/** Pixels, matching ChangeRow.css. */
const ROW_HEIGHT = 26;

interface ChangesTreeProps {
  label: string;
  rows: DifferenceRows;
  /** Index of the active row; -1 for none. */
  active: number;
  onActive: (index: number, row: DifferenceRow | null) => void;
  onToggle: (row: DifferenceRow) => void;
  /** Opens the details of a file. */
  onOpen: (row: DifferenceRow) => void;
  /** Closes the details. Returns false if none were open. */
  onClose: () => boolean;
  onVisible: (first: number, last: number) => void;
}

/** Virtualized tree of the changed paths. */
export function ChangesTree({ label, rows, active, onVisible, ...actions }: ChangesTreeProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const id = useId();
  const total = rows.summary?.total ?? 0;
  const virtualizer = useVirtualizer({
    count: total,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 10,
  });
  useKeepRowVisible(scroller, active, ROW_HEIGHT);
  const items = virtualizer.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => onVisible(first, last), [onVisible, first, last]);

  const goTo = (index: number) => {
    actions.onActive(index, rows.row(index));
    virtualizer.scrollToIndex(index, { align: 'auto' });
  };
  const press = (index: number) => {
    // The tree keeps the focus, as rows are mounted and unmounted.
    scroller.current?.focus();
    const row = rows.row(index);
    actions.onActive(index, row);
    if (!row) return;
    if (row.isOpen === null) actions.onOpen(row);
    else actions.onToggle(row);
  };
  return (
    <div
      ref={scroller}
      className="changes-scroller"
      role="tree"
      aria-label={label}
      aria-busy={rows.isStale}
      aria-activedescendant={active >= 0 ? `${id}-${active}` : undefined}
      tabIndex={0}
      onFocus={() => {
        if (active < 0 && total > 0) actions.onActive(0, rows.row(0));
      }}
      onKeyDown={(event) =>
        handleTreeKey(event, {
          active,
          total,
          row: rows.row,
          pageRows: Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / ROW_HEIGHT) - 1),
          goTo,
          toggle: actions.onToggle,
          open: actions.onOpen,
          close: actions.onClose,
        })
      }
    >
      <div className="changes-canvas" style={{ height: virtualizer.getTotalSize() }}>
        {items.map(({ index, start }) => (
          <ChangeRow
            key={index}
            id={`${id}-${index}`}
            row={rows.row(index)}
            active={index === active}
            style={{ transform: `translateY(${start}px)` }}
            onPress={() => press(index)}
          />
        ))}
      </div>
    </div>
  );
}
