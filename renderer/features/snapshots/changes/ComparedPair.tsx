import { ArrowLeftRight, ChevronDown } from 'lucide-react';
import type { Snapshot } from '#shared/contract/snapshots';
import { openDialog } from '../../../stores/route';
import { IconButton } from '../../../ui/Button';
import { SnapshotTitle } from '../../common/SnapshotTitle';
import { useSnapshotTitles } from '../../common/useSnapshotTitles';
import './ComparedPair.css';

interface ComparedPairProps {
  snapshot: Snapshot;
  other: Snapshot;
  /** Whether the comparison is from the snapshot to the other one. */
  isReversed: boolean;
  onReverse: () => void;
}

/** The compared snapshots and the direction. The other snapshot can be changed. */
export function ComparedPair({ snapshot, other, isReversed, onReverse }: ComparedPairProps) {
  const titleOf = useSnapshotTitles();
  const own = (
    <span className="compared-name mono selectable">
      <SnapshotTitle title={titleOf(snapshot)} />
    </span>
  );
  const chosen = (
    <button
      type="button"
      className="button compared-other mono"
      aria-label={`Compared with ${titleOf(other)}: choose another snapshot`}
      onClick={() => openDialog({ kind: 'compare', snapshotId: snapshot.id })}
    >
      <SnapshotTitle title={titleOf(other)} />
      <ChevronDown size={14} aria-hidden />
    </button>
  );
  return (
    <div className="compared-pair">
      <span className="soft">From</span>
      {isReversed ? own : chosen}
      <IconButton label="Swap direction" aria-pressed={isReversed} onClick={onReverse}>
        <ArrowLeftRight size={14} />
      </IconButton>
      <span className="soft">to</span>
      {isReversed ? chosen : own}
    </div>
  );
}
