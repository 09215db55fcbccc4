import type { ContentsStatus } from '#shared/contract/contents';
import { formatCount } from '#shared/format';

/** Which of how many snapshots is being read, counted from 1; null while none is. */
export function indexingText({ reading, ready, waiting, failed }: ContentsStatus): string | null {
  if (!reading) return null;
  const done = ready + failed.length;
  const [at, of] = [done + 1, done + waiting].map((count) => formatCount(count));
  return `Reading ${at} of ${of} snapshots…`;
}

/** How much of the snapshot at hand is read, 0 to 1; null while that is not known. */
export function indexingFraction({ reading }: ContentsStatus): number | null {
  if (!reading?.bytesTotal) return null;
  return Math.min(1, reading.bytesDone / reading.bytesTotal);
}

/** What a search does not see yet; null when it sees everything. */
export function unindexedText({ waiting, failed }: ContentsStatus): string | null {
  const parts = [
    waiting > 0 && `${formatCount(waiting)} not read yet`,
    failed.length > 0 && `${formatCount(failed.length)} could not be read`,
  ].filter(Boolean);
  return parts.length > 0 ? parts.join(', ') : null;
}
