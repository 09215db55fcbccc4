import { File, Package as PackageIcon } from 'lucide-react';
import type { Package, SearchHit } from '#shared/contract/contents';
import type { Snapshot } from '#shared/contract/snapshots';
import { formatBytes, formatCount } from '#shared/format';
import { openContents, selectSnapshot } from '../../stores/route';
import { Age } from '../../ui/Age';
import { BootButtons } from '../common/BootButtons';
import { originText } from '../common/describeSnapshot';
import { SnapshotTitle } from '../common/SnapshotTitle';
import { useSnapshotTitles } from '../common/useSnapshotTitles';
import { HighlightedText } from './HighlightedText';

interface HitCardProps {
  hit: SearchHit;
  snapshot: Snapshot;
  query: string;
  selected: boolean;
}

/** A snapshot found by the search, with its matching packages and paths. */
export function HitCard({ hit, snapshot, query, selected }: HitCardProps) {
  const title = useSnapshotTitles()(snapshot);
  const morePackages = hit.packageCount - hit.packages.length;
  const morePaths = hit.pathCount - hit.paths.length;
  return (
    <article className={`hit ${selected ? 'selected' : ''}`} aria-label={title}>
      <header>
        <div className="hit-title">
          <button
            type="button"
            className="hit-name mono"
            aria-label={`Open ${title}`}
            onClick={() => selectSnapshot(snapshot.id)}
          >
            <SnapshotTitle title={title} />
          </button>
          <p className="soft hit-facts">
            <span className="hit-origin">{originText(snapshot)}</span>
            {snapshot.sizeBytes !== null && <span>{formatBytes(snapshot.sizeBytes)}</span>}
            <Age time={snapshot.createdAt} />
          </p>
        </div>
        <BootButtons snapshot={snapshot} isOneOfMany />
      </header>
      {hit.packages.length > 0 && (
        <ul className="hit-list" aria-label="Packages">
          {hit.packages.map((found) => (
            <li key={`${found.manager} ${found.name} ${found.version}`} className="selectable">
              <PackageLine found={found} query={query} />
            </li>
          ))}
          {morePackages > 0 && (
            <li className="soft hit-more">and {countText(morePackages, 'package')}</li>
          )}
        </ul>
      )}
      {hit.paths.length > 0 && (
        <ul className="hit-list" aria-label="Paths">
          {hit.paths.map((path) => (
            <li key={path}>
              <button
                type="button"
                className="hit-path mono"
                title={`Show ${path} in Contents`}
                onClick={() => openContents(snapshot.id, path)}
              >
                <File size={14} aria-hidden />
                <span>
                  <HighlightedText text={path} query={query} />
                </span>
              </button>
            </li>
          ))}
          {morePaths > 0 && <li className="soft hit-more">and {countText(morePaths, 'path')}</li>}
        </ul>
      )}
    </article>
  );
}

function PackageLine({
  found: { name, version, manager },
  query,
}: {
  found: Package;
  query: string;
}) {
  return (
    <>
      <PackageIcon size={14} aria-hidden />
      <span className="mono">
        <HighlightedText text={name} query={query} />{' '}
        <HighlightedText text={version} query={query} onlyAtStart />
      </span>
      <span className="soft">{manager}</span>
    </>
  );
}

function countText(count: number, thing: string): string {
  return `${formatCount(count)} more ${thing}${count === 1 ? '' : 's'}`;
}
