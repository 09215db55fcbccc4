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
import { usableQuery, useInsideSearch } from './useInsideSearch';

/** Snapshots in the list at first; the most is what the operation gives. */
const FIRST_LIMIT = 50;
const MAX_LIMIT = 500;

const examples = ['numpy 2', 'openssl', 'etc/nginx'];

/** What a query has found, or why there is nothing. */
export function SearchResults({ query: typed }: { query: string }) {
  const query = usableQuery(typed);
  const [limitedTo, setLimit] = useState({ query, limit: FIRST_LIMIT });
  const limit = limitedTo.query === query ? limitedTo.limit : FIRST_LIMIT;
  const answer = useInsideSearch(query, limit);
  const { items, loaded } = useSnapshots();
  const byId = useMemo(() => new Map(items.map((item) => [item.id, item])), [items]);
  const selectedId = useRoute(({ selectedSnapshotId }) => selectedSnapshotId);

  if (loaded && items.length === 0) return <NoSnapshots />;
  if (query === null) return <NoQuery isBegun={typed.trim() !== ''} />;
  if (!answer) return <p className="loading soft">Searching…</p>;
  if (answer.error) return <ErrorNote error={answer.error} />;
  // One that was deleted a moment ago may still be among them.
  const hits = answer.hits.flatMap((hit) => {
    const snapshot = byId.get(hit.snapshotId);
    return snapshot ? [{ hit, snapshot }] : [];
  });
  if (hits.length === 0) return <NothingFound query={answer.query} />;
  return (
    <>
      <p className="soft search-count" role="status">
        {answer.total === 1 ? '1 snapshot has it' : `${answer.total} snapshots have it`}
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
          <p className="soft">These are the first {MAX_LIMIT}: a longer query finds fewer.</p>
        )}
      </div>
    </>
  );
}

function NoSnapshots() {
  return (
    <EmptyState title="No snapshots yet" action={<NewSnapshotButton />}>
      When there are some, this finds which of them have a package or a file, without booting any.
    </EmptyState>
  );
}

function NoQuery({ isBegun }: { isBegun: boolean }) {
  return (
    <EmptyState
      title="Which snapshot has it?"
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
      {isBegun
        ? 'One letter is in nearly every path: type another one.'
        : 'Type the name of a package, with or without its version, or a part of a path. No snapshot is booted for it.'}
    </EmptyState>
  );
}

function NothingFound({ query }: { query: string }) {
  const status = useContents((state) => state.status);
  const unread = status && unindexedText(status);
  return (
    <EmptyState
      title="Nothing found"
      action={<Button onClick={() => setQuery('')}>Clear the search</Button>}
    >
      No snapshot that was read has a package or a path with “{query}”.
      {unread ? ` There is more to come: ${unread}.` : ''}
    </EmptyState>
  );
}
