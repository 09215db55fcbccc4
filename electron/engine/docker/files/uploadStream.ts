import { PassThrough, type Readable } from 'node:stream';

/**
 * Sends a request whose body is `stream`. An error of the stream aborts the request, which would wait
 * for the rest of the body otherwise. The stream is destroyed when the request has ended.
 *
 * @throws the stream's error if it failed before `signal` aborted, otherwise the request's
 */
export async function withBodyStream<T>(
  stream: Readable,
  signal: AbortSignal | undefined,
  request: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const streamFailure = new AbortController();
  const errors: unknown[] = [];
  stream.on('error', (thrown) => {
    errors.push(thrown);
    streamFailure.abort();
  });
  try {
    const signals = [streamFailure.signal, ...(signal ? [signal] : [])];
    return await request(AbortSignal.any(signals));
  } catch (thrown) {
    throw errors.length > 0 && !signal?.aborted ? errors[0] : thrown;
  } finally {
    stream.destroy();
  }
}

export interface UploadOptions {
  /** Aborts the upload. */
  signal: AbortSignal;
  /** Receives the length of each chunk in bytes. */
  onBytes?: (count: number) => void;
}

/**
 * Uploads a stream that Docker makes images of. Docker finishes an import or load that it has received
 * completely, even without a client. An abort therefore ends the body but awaits the response; images
 * that Docker has made by then are the caller's to remove.
 */
export async function uploadStream<T>(
  stream: Readable,
  { signal, onBytes }: UploadOptions,
  request: (body: Readable, abortSignal: AbortSignal) => Promise<T>,
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
    return await withBodyStream(body, undefined, (abortSignal) => request(body, abortSignal));
  } finally {
    signal.removeEventListener('abort', stop);
    stream.destroy();
  }
}
