import { PassThrough, type Readable } from 'node:stream';

/**
 * Runs a call that Docker is sent a stream by. A stream that breaks off would leave the call waiting for
 * the rest: it ends the call, with its own reason; and when the call has ended, the stream is done with.
 */
export async function withBodyStream<T>(
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

export interface UploadOptions {
  /** Aborts when no more is to be sent. */
  signal: AbortSignal;
  onBytes?: (count: number) => void;
}

/**
 * Sends Docker a stream that it makes images of. It goes on with what it has in whole, whether or not anybody
 * still waits for it: a call that is cancelled is sent no more, but waited for. What Docker has made all the
 * same is then the caller's to remove.
 */
export async function uploadStream<T>(
  stream: Readable,
  { signal, onBytes }: UploadOptions,
  call: (body: Readable, abortSignal: AbortSignal) => Promise<T>,
): Promise<T> {
  const body = new PassThrough();
  const stop = () => {
    stream.unpipe(body);
    body.end();
  };
  stream.on('data', (chunk: Uint8Array) => onBytes?.(chunk.length));
  stream.on('error', (thrown) => {
    if (!signal.aborted) body.destroy(thrown);
  });
  stream.pipe(body);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await withBodyStream(body, undefined, (abortSignal) => call(body, abortSignal));
  } finally {
    signal.removeEventListener('abort', stop);
    stream.destroy();
  }
}
