import { setTimeout } from 'node:timers/promises';
import { SandglassError } from '#shared/errors';

/**
 * Waits for work, but no longer than that many seconds; the work goes on.
 *
 * @throws SandglassError `timeout`, or whatever the work throws
 */
export async function within<T>(
  work: Promise<T>,
  timeoutSeconds: number,
  what: string,
): Promise<T> {
  const timer = new AbortController();
  const late = setTimeout(timeoutSeconds * 1000, null, { signal: timer.signal }).then(() => {
    throw new SandglassError('timeout', `${what} within ${timeoutSeconds} s; the work goes on.`, {
      hint: 'Wait again, with a longer timeout.',
      field: 'timeoutSeconds',
    });
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    timer.abort();
    // Whichever is left behind has nobody to tell.
    late.catch(() => {});
    work.catch(() => {});
  }
}
