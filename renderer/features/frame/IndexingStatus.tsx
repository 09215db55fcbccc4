import { useContents } from '../../stores/contents';
import { Progress } from '../../ui/Progress';
import { readingFraction, readingText } from '../search/indexingProgress';

/** How far the looking into snapshots is, while something is being read; quiet otherwise. */
export function ReadingLine() {
  const status = useContents((state) => state.status);
  if (!status?.reading) return null;
  return (
    <div className="rail-reading" title={`Looking inside ${status.reading.name}`}>
      <span className="engine-text">{readingText(status)}</span>
      <Progress fraction={readingFraction(status)} label="Looking inside snapshots" />
    </div>
  );
}
