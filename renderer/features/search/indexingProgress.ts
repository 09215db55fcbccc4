import type { ContentsStatus } from '#shared/contract/contents';
import { formatCount } from '#shared/format';

/** Position of the snapshot being indexed, counted from 1; null while none is. */
export function indexingText({ reading, ready, waiting, failed }: ContentsStatus): string | null {
  if (!reading) return null;
  const done = ready + failed.length;
  const [at, of] = [done + 1, done + waiting].map((count) => formatCount(count));
  return `Indexing ${at} of ${of} snapshots…`;
}

/** Fraction of the current snapshot that is indexed, from 0 to 1; null if unknown. */
export function indexingFraction({ reading }: ContentsStatus): number | null {
  if (!reading?.bytesTotal) return null;
  return Math.min(1, reading.bytesDone / reading.bytesTotal);
}

/** Number of snapshots that cannot be searched; null if there are none. */
export function unindexedText({ waiting, failed }: ContentsStatus): string | null {
  const parts = [
    waiting > 0 && `${formatCount(waiting)} not indexed yet`,
    failed.length > 0 && `${formatCount(failed.length)} could not be indexed`,
  ].filter(Boolean);
  return parts.length > 0 ? parts.join(', ') : null;
}
