import { useMemo, useState } from 'react';
import { useContents } from '../../stores/contents';
import { useRoute } from '../../stores/route';
import { setQuery } from '../../stores/search';
import { useSnapshots } from '../../stores/snapshots';
import { Button } from '../../ui/Button';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorNote } from '../../ui/ErrorNote';
import { NewSnapshotButton } from '../common/NewSnapshotButton';
import { HitCard } from './HitCard';
import { unindexedText } from './indexingProgress';
import { MIN_QUERY_LENGTH, usableQuery, useInsideSearch } from './useInsideSearch';

/** Snapshots listed at first. The maximum is that of the operation. */
const FIRST_LIMIT = 50;
const MAX_LIMIT = 500;

const examples = ['numpy 2', 'openssl', 'etc/nginx'];

/** Results of a query, or an explanation why there are none. */
export function SearchResults({ query: typed }: { query: string }) {
  const query = usableQuery(typed);
  const [limitedTo, setLimit] = useState({ query, limit: FIRST_LIMIT });
  const limit = limitedTo.query === query ? limitedTo.limit : FIRST_LIMIT;
  const answer = useInsideSearch(query, limit);
  const { items, loaded } = useSnapshots();
  const byId = useMemo(() => new Map(items.map((item) => [item.id, item])), [items]);
  const selectedId = useRoute(({ selectedSnapshotId }) => selectedSnapshotId);

  if (loaded && items.length === 0) return <NoSnapshots />;
  if (query === null) return <NoQuery isTooShort={typed.trim() !== ''} />;
  if (!answer) return <p className="loading soft">Searching…</p>;
  if (answer.error) return <ErrorNote error={answer.error} />;
  // The response may contain a snapshot deleted in the meantime.
  const hits = answer.hits.flatMap((hit) => {
    const snapshot = byId.get(hit.snapshotId);
    return snapshot ? [{ hit, snapshot }] : [];
  });
  if (hits.length === 0) return <NothingFound query={answer.query} />;
  return (
    <>
      <p className="soft search-count" role="status">
        {answer.total === 1 ? '1 snapshot found' : `${answer.total} snapshots found`}
      </p>
      <div className="hits" aria-busy={answer.query !== query}>
        {hits.map(({ hit, snapshot }) => (
          <HitCard
            key={snapshot.id}
            hit={hit}
            snapshot={snapshot}
            query={answer.query}
            selected={snapshot.id === selectedId}
          />
        ))}
        {answer.total > limit && limit < MAX_LIMIT && (
          <Button onClick={() => setLimit({ query, limit: MAX_LIMIT })}>
            Show {Math.min(answer.total, MAX_LIMIT) - limit} more
          </Button>
        )}
        {answer.total > MAX_LIMIT && limit === MAX_LIMIT && (
          <p className="soft">
            Showing the first {MAX_LIMIT}. Refine the search to narrow the results.
          </p>
        )}
      </div>
    </>
  );
}

function NoSnapshots() {
  return (
    <EmptyState title="No snapshots yet" action={<NewSnapshotButton />}>
      Once you have snapshots, search here for the packages and files inside them.
    </EmptyState>
  );
}

function NoQuery({ isTooShort }: { isTooShort: boolean }) {
  return (
    <EmptyState
      title="Find a package or a file"
      action={
        <p className="search-examples">
          {examples.map((example) => (
            <Button key={example} className="mono" onClick={() => setQuery(example)}>
              {example}
            </Button>
          ))}
        </p>
      }
    >
      {isTooShort
        ? `Enter at least ${MIN_QUERY_LENGTH} characters.`
        : 'Enter a package name, with or without a version, or part of a path. Snapshots are searched without booting them.'}
    </EmptyState>
  );
}

function NothingFound({ query }: { query: string }) {
  const status = useContents((state) => state.status);
  const unindexed = status && unindexedText(status);
  return (
    <EmptyState
      title="No results"
      action={<Button onClick={() => setQuery('')}>Clear search</Button>}
    >
      No indexed snapshot contains a package or a path matching “{query}”.
      {unindexed ? ` Not everything can be searched: ${unindexed}.` : ''}
    </EmptyState>
  );
}
