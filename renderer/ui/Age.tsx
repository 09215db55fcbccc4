import { formatAge } from '#shared/format';
import { useNow } from './useNow';

/** Relative time, with the exact time as a tooltip. */
export function Age({ time }: { time: number }) {
  const now = useNow();
  const date = new Date(time);
  return (
    <time dateTime={date.toISOString()} title={date.toLocaleString()}>
      {formatAge(time, now)}
    </time>
  );
}
