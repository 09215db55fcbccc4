import { X } from 'lucide-react';
import { formatCount } from '#shared/format';
import { filterChips } from './filter';
import { clearFilter, setFilter, useGallery } from './galleryStore';
import { focusGrid } from './useGridInput';
import './FilterChips.css';

interface FilterChipsProps {
  /** Snapshots that are shown, of all there are. */
  shown: number;
  total: number;
}

/** What the gallery is narrowed to, each piece with a way to take it away. */
export function FilterChips({ shown, total }: FilterChipsProps) {
  const chips = filterChips(useGallery((state) => state.filter));
  if (chips.length === 0) return null;
  // The button that was pressed goes with what it takes away.
  const then = (change: () => void) => () => {
    change();
    requestAnimationFrame(focusGrid);
  };
  return (
    <div className="filter-bar">
      <span className="soft" role="status">
        {formatCount(shown)} of {formatCount(total)} {total === 1 ? 'snapshot' : 'snapshots'}
      </span>
      <ul className="filter-chips" aria-label="Filters">
        {chips.map(({ text, without }) => (
          <li key={text} className="filter-chip">
            {text}
            <button
              type="button"
              aria-label={`Remove ${text}`}
              onClick={then(() => setFilter(without))}
            >
              <X size={12} aria-hidden />
            </button>
          </li>
        ))}
        <li>
          <button type="button" className="link" onClick={then(clearFilter)}>
            Clear all
          </button>
        </li>
      </ul>
    </div>
  );
}
