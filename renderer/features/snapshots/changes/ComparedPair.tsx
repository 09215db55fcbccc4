import { ArrowLeftRight, ChevronDown } from 'lucide-react';
import type { Snapshot } from '#shared/contract/snapshots';
import { openDialog } from '../../../stores/route';
import { IconButton } from '../../../ui/Button';
import { snapshotTitle } from '../describeSnapshot';

interface ComparedPairProps {
  snapshot: Snapshot;
  other: Snapshot;
  /** From the snapshot to the other one. */
  isReversed: boolean;
  onReverse: () => void;
}

/** Which two snapshots are compared, in which direction; the other one can be chosen. */
export function ComparedPair({ snapshot, other, isReversed, onReverse }: ComparedPairProps) {
  const isVersion = other.name === snapshot.name;
  const own = (
    <span className="compared-name mono selectable" title={snapshotTitle(snapshot)}>
      {titleOf(snapshot, isVersion)}
    </span>
  );
  const chosen = (
    <button
      type="button"
      className="button compared-other mono"
      aria-label={`Compared with ${titleOf(other, isVersion)}: choose another snapshot`}
      title={snapshotTitle(other)}
      onClick={() => openDialog({ kind: 'compare', snapshotId: snapshot.id })}
    >
      <span>{titleOf(other, isVersion)}</span>
      <ChevronDown size={14} aria-hidden />
    </button>
  );
  return (
    <div className="compared-pair">
      <span className="soft">From</span>
      {isReversed ? own : chosen}
      <IconButton label="Swap the direction" aria-pressed={isReversed} onClick={onReverse}>
        <ArrowLeftRight size={14} />
      </IconButton>
      <span className="soft">to</span>
      {isReversed ? chosen : own}
    </div>
  );
}

/** Versions without tags have the same title: their ids tell them apart. */
function titleOf(snapshot: Snapshot, isVersion: boolean): string {
  const title = snapshotTitle(snapshot);
  return isVersion && snapshot.tag === null ? `${title} ${snapshot.id.slice(0, 8)}` : title;
}
