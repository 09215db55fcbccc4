import type { ContentsStatus } from '#shared/contract/contents';
import { formatBytes } from '#shared/format';
import { operations } from '../../api/operations';
import { Button } from '../../ui/Button';
import { Progress } from '../../ui/Progress';
import { toastError } from '../../ui/toastError';
import { indexingFraction, indexingText, unindexedText } from './indexingProgress';

/** What the search does not see yet, and how far the reading is; nothing when it sees all. */
export function IndexingNotice({ status }: { status: ContentsStatus }) {
  const { enabled, reading, ready, waiting, failed } = status;
  if (!enabled && waiting > 0) {
    return (
      <div className="search-notice">
        <p>
          Looking inside snapshots is switched off: {ready} of {ready + waiting + failed.length} can
          be searched.
        </p>
        <Button onClick={() => void toastError(operations.settings.update({ lookInside: true }))}>
          Switch it on
        </Button>
      </div>
    );
  }
  if (reading) {
    return (
      <div className="search-notice">
        <div className="search-indexing">
          <p className="soft">
            {indexingText(status)} <span className="mono">{reading.name}</span>
            {reading.bytesTotal !== null &&
              ` · ${formatBytes(reading.bytesDone)} of ${formatBytes(reading.bytesTotal)}`}
          </p>
          <Progress fraction={indexingFraction(status)} label="Looking inside snapshots" />
        </div>
      </div>
    );
  }
  const unread = unindexedText(status);
  if (!unread) return null;
  return (
    <div className="search-notice">
      <p className="soft" title={failed.map(({ message }) => message).join('\n')}>
        Not everything can be searched: {unread}.
      </p>
    </div>
  );
}
