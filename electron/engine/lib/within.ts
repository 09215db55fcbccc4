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
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const said = `${what} within ${timeoutSeconds} s; the work goes on.`;
      const hint = 'Wait again, with a longer timeout.';
      reject(new SandglassError('timeout', said, { hint, field: 'timeoutSeconds' }));
    }, timeoutSeconds * 1000);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
