import { Command, useCommandState } from 'cmdk';
import { ScanSearch } from 'lucide-react';
import type { SearchHit } from '#shared/contract/contents';
import { formatCount } from '#shared/format';
import { go, openContents, selectSnapshot } from '../../stores/route';
import { searchInside } from '../../stores/search';
import { useSnapshots } from '../../stores/snapshots';
import { SnapshotTitle } from '../common/SnapshotTitle';
import { useSnapshotTitles } from '../common/useSnapshotTitles';
import { usableQuery, useInsideSearch } from './useInsideSearch';

const MAX_HITS = 5;

/** Palette group of search results inside snapshots. */
export function PaletteHits() {
  const typed = useCommandState(({ search }) => search);
  const query = usableQuery(typed);
  const answer = useInsideSearch(query, MAX_HITS);
  const titleOf = useSnapshotTitles();
  const snapshots = useSnapshots(({ items }) => items);
  if (query === null || snapshots.length === 0) return null;
  const hits = answer?.query === query ? answer.hits : [];
  return (
    <Command.Group heading="Inside snapshots">
      <Command.Item value="inside all" onSelect={() => searchInside(query)}>
        <ScanSearch size={14} aria-hidden /> Search inside snapshots for “{query}”
      </Command.Item>
      {hits.map((hit) => {
        const snapshot = snapshots.find(({ id }) => id === hit.snapshotId);
        if (!snapshot) return null;
        const title = titleOf(snapshot);
        return (
          <Command.Item
            key={hit.snapshotId}
            value={`inside ${hit.snapshotId}`}
            onSelect={() => openHit(hit)}
          >
            <ScanSearch size={14} aria-hidden /> <SnapshotTitle title={title} />
            <span className="soft palette-found">{foundText(hit)}</span>
          </Command.Item>
        );
      })}
    </Command.Group>
  );
}

function openHit({ snapshotId, paths, packageCount }: SearchHit): void {
  go({ page: 'snapshots' });
  const [path] = paths;
  if (packageCount === 0 && path !== undefined) openContents(snapshotId, path);
  else selectSnapshot(snapshotId);
}

/** The best match and the number of further matches. */
function foundText({ packages, paths, packageCount, pathCount }: SearchHit): string {
  const [found] = packages;
  const best = found ? `${found.name} ${found.version}` : (paths[0] ?? '');
  const rest = packageCount + pathCount - 1;
  return rest > 0 ? `${best} and ${formatCount(rest)} more` : best;
}
