import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { type ReactNode, useRef } from 'react';
import { type SortKey, useSorting } from './useSorting';
import './DiskTable.css';

const ROW_HEIGHT = 36;

export interface DiskColumn<Row> {
  id: string;
  label: string;
  key: SortKey<Row>;
  cell: (row: Row) => ReactNode;
  /** Right-aligned. */
  isNumber?: boolean;
}

interface DiskTableProps<Row> {
  label: string;
  rows: readonly Row[];
  rowId: (row: Row) => string;
  columns: ReadonlyArray<DiskColumn<Row>>;
  /** Initial sort column, in descending order. */
  sortedBy: string;
}

/** Virtualized table, sortable by its headings. */
export function DiskTable<Row>({
  label,
  rows: all,
  rowId,
  columns,
  sortedBy,
}: DiskTableProps<Row>) {
  const scroller = useRef<HTMLDivElement>(null);
  const keys = Object.fromEntries(columns.map(({ id, key }) => [id, key]));
  const { rows, column, descending, sortBy } = useSorting(all, keys, sortedBy);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
  });
  const shown = virtual.getVirtualItems();
  const before = shown[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (shown.at(-1)?.end ?? 0);
  return (
    <div className="disk-scroller" ref={scroller}>
      <table className="disk-table" aria-label={label} aria-rowcount={rows.length + 1}>
        <thead>
          <tr>
            {columns.map(({ id, label: heading, isNumber }) => (
              <th
                key={id}
                className={isNumber ? 'number' : ''}
                aria-sort={column === id ? (descending ? 'descending' : 'ascending') : undefined}
              >
                <button type="button" onClick={() => sortBy(id)}>
                  {heading}
                  {column === id && <SortArrow descending={descending} />}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <Spacer height={before} columns={columns.length} />
          {shown.map(({ index }) => {
            const row = rows[index];
            if (row === undefined) return null;
            return (
              <tr key={rowId(row)} aria-rowindex={index + 2}>
                {columns.map(({ id, cell, isNumber }) => (
                  <td key={id} className={isNumber ? 'number' : ''}>
                    {cell(row)}
                  </td>
                ))}
              </tr>
            );
          })}
          <Spacer height={after} columns={columns.length} />
        </tbody>
      </table>
    </div>
  );
}

function SortArrow({ descending }: { descending: boolean }) {
  const Arrow = descending ? ArrowDown : ArrowUp;
  return <Arrow size={12} aria-hidden />;
}

/** Spacer in place of rows that are not rendered. */
function Spacer({ height, columns }: { height: number; columns: number }) {
  if (height <= 0) return null;
  return (
    <tr aria-hidden className="disk-spacer">
      <td colSpan={columns} style={{ height }} />
    </tr>
  );
}
