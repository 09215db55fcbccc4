import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useMemo, useRef } from 'react';
import { formatCount } from '#shared/format';
import type { SnapshotVersions } from '#shared/versions';
import { useWidth } from '../../../ui/useWidth';
import { useGallery } from './galleryStore';
import { layOutGrid } from './gridLayout';
import type { LineageGroup } from './lineageGroups';
import { SnapshotCard } from './SnapshotCard';
import { LineHeadings, SnapshotLine } from './SnapshotLine';
import { useGridInput } from './useGridInput';
import { useThrottledWidth } from './useThrottledWidth';

/** Pixels, matching gallery.css. */
const PADDING = 16;
const GAP = 16;
const BORDER = 1;
const MIN_CARD_WIDTH = 232;
const CARD_HEIGHT = 232;
const LINE_HEIGHT = 36;
const HEADING_HEIGHT = 40;
/** Space below the last row, so that the selection bar covers no card. */
const SELECTION_BAR_HEIGHT = 76;

interface GalleryGridProps {
  content: { groups: SnapshotVersions[] } | { lineages: LineageGroup[] };
  /** Whether to show a list of lines instead of cards. */
  dense: boolean;
  /** Name of the snapshot in the detail panel. */
  openName: string | null;
}

/** Virtualized grid or list of snapshots. */
export function GalleryGrid({ content, dense, openName }: GalleryGridProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const width = useWidth(scroller) - 2 * PADDING;
  const columns = dense ? 1 : Math.max(1, Math.floor((width + GAP) / (MIN_CARD_WIDTH + GAP)));
  // Stretching pictures by a few pixels would blur the lines between their parts.
  const cardWidth = (width - (columns - 1) * GAP) / columns;
  const pictureWidth = useThrottledWidth(Math.max(1, Math.floor(cardWidth - 2 * BORDER)));
  const layout = useMemo(() => layOutGrid(content, columns), [content, columns]);
  const active = useGallery((state) => state.active);
  const selecting = useGallery((state) => state.selected.size > 0);
  const activeAt = useMemo(() => {
    const at = layout.cards.findIndex(({ name }) => name === active);
    return at < 0 ? 0 : at;
  }, [layout, active]);
  const activeRow = layout.rowOf[activeAt] ?? 0;

  const rowHeight = dense ? LINE_HEIGHT : CARD_HEIGHT + GAP;
  // The virtualizer remeasures rows when this function changes.
  // biome-ignore lint/correctness/useExhaustiveDependencies: row heights depend on `dense`
  const keyOf = useCallback((index: number) => layout.rows[index]?.key ?? index, [layout, dense]);
  const virtualizer = useVirtualizer({
    count: layout.rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => (layout.rows[index]?.kind === 'heading' ? HEADING_HEIGHT : rowHeight),
    getItemKey: keyOf,
    overscan: dense ? 12 : 2,
    paddingEnd: selecting ? SELECTION_BAR_HEIGHT : PADDING,
    scrollPaddingEnd: selecting ? SELECTION_BAR_HEIGHT : PADDING,
    // Keeps the focused row mounted while it is scrolled out of view.
    rangeExtractor: (range) => {
      const rows = defaultRangeExtractor(range);
      return rows.includes(activeRow) ? rows : [...rows, activeRow].sort((a, b) => a - b);
    },
  });
  const input = useGridInput({
    scroller,
    layout,
    activeAt,
    rowHeight,
    scrollToRow: (row) => virtualizer.scrollToIndex(row, { align: 'auto' }),
  });
  const Item = dense ? SnapshotLine : SnapshotCard;

  const grid = (
    <div
      className="snapshot-scroller"
      ref={scroller}
      role="feed"
      aria-label="Snapshots"
      data-selecting={selecting}
      {...input}
    >
      <div className="snapshot-canvas" style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map(({ key, index, start }) => {
          const row = layout.rows[index];
          if (!row) return null;
          const style = { transform: `translateY(${start}px)` };
          if (row.kind === 'heading') {
            return (
              <h2 key={key} className="lineage-group-heading" style={style}>
                {row.title}
                <span className="soft">{formatCount(row.count)}</span>
              </h2>
            );
          }
          return (
            <div
              key={key}
              className="snapshot-row"
              style={{ ...style, gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}
            >
              {row.cards.map((group, at) => (
                <Item
                  key={group.name}
                  group={group}
                  open={group.name === openName}
                  tabStop={row.first + at === activeAt}
                  position={row.first + at + 1}
                  count={layout.cards.length}
                  width={pictureWidth}
                />
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
  return (
    <>
      {dense && <LineHeadings />}
      {grid}
    </>
  );
}
