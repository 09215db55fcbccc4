import { useVirtualizer } from '@tanstack/react-virtual';
import { type DragEvent, type MouseEvent, type SyntheticEvent, useEffect, useRef } from 'react';
import type { ContentsEntry } from '#shared/contract/contents';
import { EntryRow } from './EntryRow';
import { SortHead } from './SortHead';
import type { EntrySort } from './sortEntries';
import { useFolderKeys } from './useFolderKeys';
import './FolderGrid.css';

const ROW_HEIGHT = 28;
const rowId = (index: number) => `contents-row-${index}`;

interface FolderGridProps {
  /** Path of the folder. */
  path: string;
  entries: ContentsEntry[];
  selected: string | null;
  marksOwn: boolean;
  sort: EntrySort;
  onSort: (sort: EntrySort) => void;
  onSelect: (name: string) => void;
  onOpen: (entry: ContentsEntry) => void;
  onUp: () => void;
  /** Called when the user starts typing a path. */
  onPath: () => void;
  onDragStart: (event: DragEvent, entry: ContentsEntry) => void;
}

/** Virtualized list of a folder's entries with one active row, moved with the keys. */
export function FolderGrid(props: FolderGridProps) {
  const { path, entries, selected, marksOwn, sort, onSort, onSelect, onOpen, onDragStart } = props;
  const scroller = useRef<HTMLTableSectionElement>(null);
  const rows = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
  });
  const active = entries.findIndex(({ name }) => name === selected);
  const onKeyDown = useFolderKeys({ ...props, active, pageRows: () => pageRows(scroller.current) });

  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolls to the top of another folder
  useEffect(() => {
    scroller.current?.scrollTo(0, 0);
  }, [path]);
  useEffect(() => {
    if (active >= 0) rows.scrollToIndex(active);
  }, [active, rows]);

  const entryAt = ({ target }: SyntheticEvent): ContentsEntry | undefined => {
    const row = target instanceof Element ? target.closest<HTMLElement>('[data-index]') : null;
    return row ? entries[Number(row.dataset.index)] : undefined;
  };
  const onClick = (event: MouseEvent) => {
    const entry = entryAt(event);
    if (entry) onSelect(entry.name);
  };
  const onDoubleClick = (event: MouseEvent) => {
    const entry = entryAt(event);
    if (entry) onOpen(entry);
  };
  const onDrag = (event: DragEvent) => {
    const entry = entryAt(event);
    if (entry) onDragStart(event, entry);
  };
  return (
    <table
      className="folder-grid"
      // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: keyboard navigation makes it interactive
      role="grid"
      tabIndex={0}
      aria-label={`Contents of ${path}`}
      aria-rowcount={entries.length + 1}
      aria-activedescendant={active >= 0 ? rowId(active) : undefined}
      onKeyDown={onKeyDown}
      onClick={onClick}
      onDoubleClick={onDoubleClick}
      onDragStart={onDrag}
    >
      <SortHead sort={sort} onSort={onSort} />
      <tbody className="folder-scroller" ref={scroller}>
        <tr aria-hidden style={{ height: rows.getTotalSize() }} />
        {rows.getVirtualItems().map(({ index, start }) => {
          const entry = entries[index];
          return (
            entry && (
              <EntryRow
                key={entry.name}
                id={rowId(index)}
                index={index}
                top={start}
                entry={entry}
                isSelected={index === active}
                marksOwn={marksOwn}
              />
            )
          );
        })}
      </tbody>
    </table>
  );
}

function pageRows(scroller: HTMLElement | null): number {
  return Math.max(1, Math.floor((scroller?.clientHeight ?? 0) / ROW_HEIGHT) - 1);
}
