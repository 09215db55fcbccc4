import { LayoutGrid, List, Network } from 'lucide-react';
import { type KeyboardEvent, useEffect, useRef } from 'react';
import { IconButton } from '../../../ui/Button';
import { NewSnapshotButton } from '../../common/NewSnapshotButton';
import { type GallerySort, sortLabels, sorts } from './arrange';
import { FilterMenu } from './FilterMenu';
import { setFilter, useGallery } from './galleryStore';
import { acceptsGalleryShortcuts, focusGrid } from './useGridInput';
import './GalleryHeader.css';

/** Page title with the filter, sort and layout controls, which are hidden without snapshots. */
export function GalleryHeader({ isEmpty }: { isEmpty: boolean }) {
  const { sort, layout, byLineage } = useGallery();
  return (
    <header className="page-header">
      <h1>Snapshots</h1>
      {!isEmpty && (
        <>
          <TextFilter />
          <FilterMenu />
          <select
            className="text-input"
            aria-label="Sort"
            value={sort}
            onChange={({ target }) => useGallery.setState({ sort: target.value as GallerySort })}
          >
            {sorts.map((each) => (
              <option key={each} value={each}>
                {sortLabels[each]}
              </option>
            ))}
          </select>
          <IconButton
            label="Group by lineage"
            aria-pressed={byLineage}
            onClick={() => useGallery.setState({ byLineage: !byLineage })}
          >
            <Network size={16} />
          </IconButton>
          <div className="gallery-layouts">
            <IconButton
              label="Cards"
              aria-pressed={layout === 'cards'}
              onClick={() => useGallery.setState({ layout: 'cards' })}
            >
              <LayoutGrid size={16} />
            </IconButton>
            <IconButton
              label="List"
              aria-pressed={layout === 'list'}
              onClick={() => useGallery.setState({ layout: 'list' })}
            >
              <List size={16} />
            </IconButton>
          </div>
        </>
      )}
      {/* An empty gallery shows this button in its empty state. */}
      {!isEmpty && <NewSnapshotButton />}
    </header>
  );
}

/** Text filter. `/` focuses it, Arrow Down moves on to the cards. */
function TextFilter() {
  const text = useGallery((state) => state.filter.text);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const listen = (event: globalThis.KeyboardEvent) => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
      if (!acceptsGalleryShortcuts(event.target)) return;
      event.preventDefault();
      input.current?.focus();
      input.current?.select();
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, []);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && text !== '') {
      event.preventDefault();
      setFilter({ text: '' });
    } else if (event.key === 'ArrowDown' || event.key === 'Enter' || event.key === 'Escape') {
      event.preventDefault();
      focusGrid();
    }
  };
  return (
    <input
      ref={input}
      className="text-input gallery-filter"
      type="search"
      aria-label="Filter by name or origin"
      aria-keyshortcuts="/"
      placeholder="Filter ( / )"
      value={text}
      onChange={({ target }) => setFilter({ text: target.value })}
      onKeyDown={onKeyDown}
    />
  );
}
