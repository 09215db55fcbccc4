import { Tabs } from 'radix-ui';
import { useState } from 'react';
import type { Snapshot } from '#shared/contract/snapshots';
import { formatCount } from '#shared/format';
import { useContentsRevision } from '../../../stores/contents';
import { EmptyState } from '../../../ui/EmptyState';
import { ErrorNote } from '../../../ui/ErrorNote';
import { Progress } from '../../../ui/Progress';
import { ChangesSummary } from './ChangesSummary';
import { ComparedPair } from './ComparedPair';
import { ComparisonNotIndexed } from './ComparisonNotIndexed';
import { FileChanges } from './files/FileChanges';
import { type ChangesFilter, noFilter, reversed } from './files/filter';
import { PackageChanges } from './PackageChanges';
import { type ComparisonSummary, useComparison } from './useComparison';

interface ComparisonProps {
  snapshot: Snapshot;
  other: Snapshot;
  /** Reason why the other snapshot is not the parent; null if it is. */
  note: string | null;
}

/** Differences between two snapshots, in either direction. */
export function Comparison({ snapshot, other, note }: ComparisonProps) {
  const [isReversed, setReversed] = useState(false);
  const [filter, setFilter] = useState(noFilter);
  const revision = `${useContentsRevision(snapshot.id)} ${useContentsRevision(other.id)}`;
  const [from, to] = isReversed ? [snapshot, other] : [other, snapshot];
  const answer = useComparison(from.id, to.id, revision);
  return (
    <div className="changes">
      <ComparedPair
        snapshot={snapshot}
        other={other}
        isReversed={isReversed}
        onReverse={() => {
          setReversed(!isReversed);
          setFilter(reversed(filter));
        }}
      />
      {note && <p className="changes-note soft">{note}</p>}
      {!answer && <Progress label="Comparing" fraction={null} />}
      {answer?.error && answer.error.code === 'conflict' && (
        <ComparisonNotIndexed snapshots={[snapshot, other]} />
      )}
      {answer?.error && answer.error.code !== 'conflict' && <ErrorNote error={answer.error} />}
      {answer?.summary && (
        <Differences
          key={`${from.id} ${to.id}`}
          fromId={from.id}
          toId={to.id}
          revision={revision}
          summary={answer.summary}
          filter={filter}
          onFilter={setFilter}
        />
      )}
    </div>
  );
}

interface DifferencesProps {
  fromId: string;
  toId: string;
  revision: string;
  summary: ComparisonSummary;
  filter: ChangesFilter;
  onFilter: (filter: ChangesFilter) => void;
}

function Differences({ fromId, toId, revision, summary, filter, onFilter }: DifferencesProps) {
  const { counts, packages } = summary;
  const fileCount = counts.added + counts.changed + counts.removed;
  if (fileCount === 0 && packages.length === 0) {
    return (
      <EmptyState title="No differences">
        Names, contents, modes and owners are the same. Modification times are not compared.
      </EmptyState>
    );
  }
  return (
    <>
      <ChangesSummary summary={summary} />
      <Tabs.Root className="changes-sections" defaultValue="files">
        <Tabs.List className="changes-section-list" aria-label="Differences">
          <Tabs.Trigger value="files" className="changes-section">
            Files <span className="detail-tab-count">{formatCount(fileCount)}</span>
          </Tabs.Trigger>
          <Tabs.Trigger value="packages" className="changes-section">
            Packages <span className="detail-tab-count">{formatCount(packages.length)}</span>
          </Tabs.Trigger>
        </Tabs.List>
        <Tabs.Content value="files" className="changes-page" tabIndex={-1} forceMount>
          <FileChanges
            fromId={fromId}
            toId={toId}
            revision={revision}
            counts={counts}
            filter={filter}
            onFilter={onFilter}
          />
        </Tabs.Content>
        <Tabs.Content value="packages" className="changes-page" tabIndex={-1}>
          <PackageChanges differences={packages} />
        </Tabs.Content>
      </Tabs.Root>
    </>
  );
}
