import { ArrowDown, ArrowUp } from 'lucide-react';
import { type EntrySort, nextSort } from './sortEntries';

interface SortHeadProps {
  sort: EntrySort;
  onSort: (sort: EntrySort) => void;
}

/** Column headings, three of them sortable. */
export function SortHead({ sort, onSort }: SortHeadProps) {
  const sorter = (by: EntrySort['by'], label: string, className: string) => {
    const isSorted = sort.by === by;
    const Arrow = sort.descending ? ArrowDown : ArrowUp;
    const order = sort.descending ? 'descending' : 'ascending';
    return (
      <th className={className} aria-sort={isSorted ? order : 'none'}>
        <button type="button" onClick={() => onSort(nextSort(sort, by))}>
          {label}
          {isSorted && <Arrow size={12} aria-hidden />}
        </button>
      </th>
    );
  };
  return (
    <thead>
      <tr className="entry entry-head soft" aria-rowindex={1}>
        {sorter('name', 'Name', 'entry-name')}
        {sorter('size', 'Size', 'entry-size')}
        <th className="entry-mode">Mode</th>
        <th className="entry-owner">Owner</th>
        {sorter('modified', 'Modified', 'entry-age')}
      </tr>
    </thead>
  );
}
