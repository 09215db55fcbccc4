import type { Readable } from 'node:stream';

/**
 * Runs a call that Docker is sent a stream by. A stream that breaks off would leave the call waiting for
 * the rest: it ends the call, with its own reason; and when the call has ended, the stream is done with.
 */
export async function feeding<T>(
  stream: Readable,
  signal: AbortSignal | undefined,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  const broken: unknown[] = [];
  stream.on('error', (thrown) => {
    broken.push(thrown);
    stop.abort();
  });
  try {
    return await call(signal ? AbortSignal.any([signal, stop.signal]) : stop.signal);
  } catch (thrown) {
    throw broken.length > 0 && !signal?.aborted ? broken[0] : thrown;
  } finally {
    stream.destroy();
  }
}
