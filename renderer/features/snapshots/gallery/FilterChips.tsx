import { X } from 'lucide-react';
import { formatCount } from '#shared/format';
import { filterChips } from './filter';
import { clearFilter, setFilter, useGallery } from './galleryStore';
import { focusGrid } from './useGridInput';
import './FilterChips.css';

interface FilterChipsProps {
  /** Number of matching snapshots. */
  shown: number;
  total: number;
}

/** Active filters of the gallery, each with a button to remove it. */
export function FilterChips({ shown, total }: FilterChipsProps) {
  const chips = filterChips(useGallery((state) => state.filter));
  if (chips.length === 0) return null;
  // The pressed button is removed with its filter, so focus moves to the grid.
  const thenFocusGrid = (change: () => void) => () => {
    change();
    requestAnimationFrame(focusGrid);
  };
  return (
    <div className="filter-bar">
      <span className="soft" role="status">
        {formatCount(shown)} of {formatCount(total)} {total === 1 ? 'snapshot' : 'snapshots'}
      </span>
      <ul className="filter-chips" aria-label="Filters">
        {chips.map(({ text, removal }) => (
          <li key={text} className="filter-chip">
            {text}
            <button
              type="button"
              aria-label={`Remove ${text}`}
              onClick={thenFocusGrid(() => setFilter(removal))}
            >
              <X size={12} aria-hidden />
            </button>
          </li>
        ))}
        <li>
          <button type="button" className="link" onClick={thenFocusGrid(clearFilter)}>
            Clear all
          </button>
        </li>
      </ul>
    </div>
  );
}
