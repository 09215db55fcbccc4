import { useContents } from '../../stores/contents';
import { Progress } from '../../ui/Progress';
import { indexingFraction, indexingText } from '../search/indexingProgress';

/** How far the looking into snapshots is, while something is being read; quiet otherwise. */
export function IndexingStatus() {
  const status = useContents((state) => state.status);
  if (!status?.reading) return null;
  return (
    <div className="sidebar-indexing" title={`Looking inside ${status.reading.name}`}>
      <span className="engine-text">{indexingText(status)}</span>
      <Progress fraction={indexingFraction(status)} label="Looking inside snapshots" />
    </div>
  );
}
