import type { ContentsState } from '#shared/contract/contents';
import { useContents } from '../../../stores/contents';
import './picture.css';

interface PicturePlaceholderProps {
  /** Null while the snapshot itself is being created. */
  snapshotId: string | null;
  /** Null until known. */
  state: ContentsState | null;
}

/** Placeholder for a picture, with the progress of indexing. */
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
    if (failure || state === 'failed') return 'Indexing failed';
    if (reading) {
      const { bytesDone, bytesTotal } = reading;
      return bytesTotal
        ? `Indexing… ${Math.min(99, Math.floor((100 * bytesDone) / bytesTotal))} %`
        : 'Indexing…';
    }
    return enabled ? 'Waiting to be indexed' : 'Indexing is turned off';
  }
}
