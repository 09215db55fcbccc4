import type { ContentsState } from '#shared/contract/contents';
import { useContents } from '../../../stores/contents';
import './picture.css';

interface PicturePlaceholderProps {
  /** Null while the snapshot itself is not there yet. */
  snapshotId: string | null;
  /** Null until it is known. */
  state: ContentsState | null;
}

/** What stands where a picture will be: how far the looking into the snapshot is. */
export function PicturePlaceholder({ snapshotId, state }: PicturePlaceholderProps) {
  const reading = useContents(({ status }) =>
    status?.reading?.snapshotId === snapshotId ? status?.reading : null,
  );
  const enabled = useContents(({ status }) => status?.enabled ?? true);
  const failure = useContents(({ status }) =>
    status?.failed.find((failed) => failed.snapshotId === snapshotId),
  );
  return (
    <span className="picture picture-placeholder" title={failure?.message}>
      {snapshotId !== null && state !== null && textOf()}
    </span>
  );

  function textOf(): string {
    if (failure || state === 'failed') return 'Its contents could not be read';
    if (reading) {
      const { bytesDone, bytesTotal } = reading;
      return bytesTotal
        ? `Reading… ${Math.min(99, Math.floor((100 * bytesDone) / bytesTotal))} %`
        : 'Reading…';
    }
    return enabled ? 'Waiting to be read' : 'Snapshots are not looked into';
  }
}
