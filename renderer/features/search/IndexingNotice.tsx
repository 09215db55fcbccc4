import type { ContentsStatus } from '#shared/contract/contents';
import { formatBytes } from '#shared/format';
import { operations } from '../../api/operations';
import { Button } from '../../ui/Button';
import { Progress } from '../../ui/Progress';
import { toastError } from '../../ui/toastError';
import { indexingFraction, indexingText, unindexedText } from './indexingProgress';

/** Notice about snapshots that are not indexed yet; empty when all are. */
export function IndexingNotice({ status }: { status: ContentsStatus }) {
  const { enabled, reading, ready, waiting, failed } = status;
  if (!enabled && waiting > 0) {
    return (
      <div className="search-notice">
        <p>
          Indexing is turned off: {ready} of {ready + waiting + failed.length} snapshots can be
          searched.
        </p>
        <Button onClick={() => void toastError(operations.settings.update({ lookInside: true }))}>
          Turn on indexing
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
          <Progress fraction={indexingFraction(status)} label="Indexing snapshots" />
        </div>
      </div>
    );
  }
  const unindexed = unindexedText(status);
  if (!unindexed) return null;
  return (
    <div className="search-notice">
      <p className="soft" title={failed.map(({ message }) => message).join('\n')}>
        Not everything can be searched: {unindexed}.
      </p>
    </div>
  );
}
