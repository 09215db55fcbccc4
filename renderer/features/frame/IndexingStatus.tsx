import { useContents } from '../../stores/contents';
import { Progress } from '../../ui/Progress';
import { indexingFraction, indexingText } from '../search/indexingProgress';

/** Progress of indexing; hidden while nothing is being indexed. */
export function IndexingStatus() {
  const status = useContents((state) => state.status);
  if (!status?.reading) return null;
  return (
    <div className="sidebar-indexing" title={`Indexing ${status.reading.name}`}>
      <span className="engine-text">{indexingText(status)}</span>
      <Progress fraction={indexingFraction(status)} label="Indexing snapshots" />
    </div>
  );
}
