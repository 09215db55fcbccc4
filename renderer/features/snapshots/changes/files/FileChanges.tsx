import { useCallback, useState } from 'react';
import type { DifferenceCounts, DifferenceRow } from '#shared/contract/contents';
import { formatCount } from '#shared/format';
import { Button } from '../../../../ui/Button';
import { EmptyState } from '../../../../ui/EmptyState';
import { ErrorNote } from '../../../../ui/ErrorNote';
import { ChangeDetails } from './ChangeDetails';
import { ChangesTree } from './ChangesTree';
import { differenceSigns } from './describeChange';
import type { ChangesFilter } from './filter';
import { useDifferenceRows } from './useDifferenceRows';
import './FileChanges.css';

interface FileChangesProps {
  fromId: string;
  toId: string;
  /** Reloads the rows when it changes. */
  revision: string;
  /** Counts of all differences, regardless of the filter. */
  counts: DifferenceCounts;
  filter: ChangesFilter;
  onFilter: (filter: ChangesFilter) => void;
}

/** Changed files: a filter, a tree, and the details of the selected file. */
export function FileChanges({
  fromId,
  toId,
  revision,
  counts,
  filter,
  onFilter,
}: FileChangesProps) {
  const [toggled, setToggled] = useState<readonly string[]>([]);
  const [visible, setVisible] = useState({ first: 0, last: 0 });
  const [active, setActive] = useState(-1);
  const [shown, setShown] = useState<DifferenceRow | null>(null);
  const query = {
    fromId,
    toId,
    difference: filter.difference ?? undefined,
    pathContains: filter.text.trim() || undefined,
    toggled: [...toggled],
  };
  const rows = useDifferenceRows(query, revision, visible);
  const onVisible = useCallback((first: number, last: number) => {
    setVisible((known) => (known.first === first && known.last === last ? known : { first, last }));
  }, []);
  const change = (next: Partial<ChangesFilter>) => {
    onFilter({ ...filter, ...next });
    setActive(-1);
    setToggled([]);
  };
  const toggle = ({ path }: DifferenceRow) =>
    setToggled((known) =>
      known.includes(path) ? known.filter((other) => other !== path) : [...known, path],
    );
  const close = () => {
    setShown(null);
    return shown !== null;
  };
  const isFiltered = filter.difference !== null || filter.text.trim() !== '';
  return (
    <>
      <div className="changes-filter">
        <input
          className="text-input"
          type="search"
          aria-label="Filter by path"
          placeholder="Filter by path"
          value={filter.text}
          onChange={(event) => change({ text: event.target.value })}
        />
        <fieldset className="changes-kinds">
          <legend className="visually-hidden">Kinds of changes</legend>
          {(['added', 'changed', 'removed'] as const).map((kind) => (
            <button
              key={kind}
              type="button"
              className="changes-kind"
              aria-pressed={filter.difference === kind}
              disabled={counts[kind] === 0}
              onClick={() => change({ difference: filter.difference === kind ? null : kind })}
            >
              <span className={kind} aria-hidden>
                {differenceSigns[kind]}
              </span>
              {`${formatCount(counts[kind])} ${kind}`}
            </button>
          ))}
        </fieldset>
      </div>
      {rows.error && <ErrorNote error={rows.error} />}
      {rows.summary?.matching === 0 && isFiltered ? (
        <EmptyState
          title="No matches"
          action={
            <Button onClick={() => change({ text: '', difference: null })}>Clear filter</Button>
          }
        >
          No changed path matches the filter.
        </EmptyState>
      ) : (
        <div className="changes-panes">
          <ChangesTree
            label="Files that differ"
            rows={rows}
            active={active}
            onActive={(index, row) => {
              setActive(index);
              if (shown && row) setShown(row);
            }}
            onToggle={toggle}
            onOpen={setShown}
            onClose={close}
            onVisible={onVisible}
          />
          {shown && <ChangeDetails fromId={fromId} toId={toId} row={shown} onClose={close} />}
        </div>
      )}
    </>
  );
}
