import { type KeyboardEvent, useEffect, useRef } from 'react';
import { useContents } from '../../stores/contents';
import { selectSnapshot, useRoute } from '../../stores/route';
import { setQuery, useSearch } from '../../stores/search';
import { useSnapshot, useSnapshots } from '../../stores/snapshots';
import { SnapshotDetail } from '../snapshots/detail/SnapshotDetail';
import { IndexingNotice } from './IndexingNotice';
import { SearchResults } from './SearchResults';
import '../snapshots/snapshots.css';
import './search.css';

/** Finds snapshots by the packages and files inside them. */
export function SearchPage() {
  const { query, focusRequests } = useSearch();
  const status = useContents((state) => state.status);
  const hasSnapshots = useSnapshots(({ items }) => items.length > 0);
  const selected = useSnapshot(useRoute(({ selectedSnapshotId }) => selectedSnapshotId));
  const input = useRef<HTMLInputElement>(null);
  const page = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: focuses on each request
  useEffect(() => input.current?.select(), [focusRequests]);

  const focusHit = () => {
    const hit = page.current?.querySelector<HTMLElement>('.hit.selected .hit-name');
    (hit ?? input.current)?.focus();
  };

  /** Arrow keys move between the field and the results; Escape returns to the field. */
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && event.target !== input.current) {
      if (!selected) input.current?.focus();
      selectSnapshot(null);
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const stops = [...(page.current?.querySelectorAll<HTMLElement>('.hit-query, .hit-name') ?? [])];
    const index = stops.indexOf(event.target as HTMLElement);
    if (index < 0) return;
    event.preventDefault();
    stops[index + step]?.focus();
  };

  return (
    <>
      <header className="page-header">
        <h1>Search inside</h1>
      </header>
      <div className="snapshots">
        <search className="search" ref={page} onKeyDown={onKeyDown}>
          <input
            ref={input}
            type="search"
            className="text-input hit-query"
            aria-label="Search inside snapshots"
            placeholder="Package or path, e.g. numpy 2.1 or nginx.conf"
            spellCheck={false}
            maxLength={255}
            value={query}
            onChange={(event) => setQuery(event.target.value)}
          />
          {hasSnapshots && status && <IndexingNotice status={status} />}
          <SearchResults query={query} />
        </search>
        {selected && <SnapshotDetail snapshot={selected} onClose={focusHit} />}
      </div>
    </>
  );
}
