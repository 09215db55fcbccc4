import type { Readable } from 'node:stream';

/** Part of a command's output, in order of arrival. */
export interface OutputChunk {
  stream: 'stdout' | 'stderr';
  bytes: Uint8Array;
}

/** Frame header: stream number, three zero bytes, payload length (Engine API, container attach). */
const HEADER_BYTES = 8;
const STDERR = 2;

/**
 * Splits Docker's multiplexed stream of a command without a terminal into stdout and stderr. Reads only
 * on demand, so a slow consumer slows the command down. A broken stream ends without an error: the exit
 * code reports the failure.
 */
export async function* demux(source: Readable): AsyncGenerator<OutputChunk, void, void> {
  let header = Buffer.alloc(0);
  let remaining = 0;
  let stream: OutputChunk['stream'] = 'stdout';
  for await (let data of chunksUntilBroken(source)) {
    while (data.length > 0) {
      if (remaining === 0) {
        const missing = HEADER_BYTES - header.length;
        header = Buffer.concat([header, data.subarray(0, missing)]);
        data = data.subarray(missing);
        if (header.length < HEADER_BYTES) continue;
        stream = header[0] === STDERR ? 'stderr' : 'stdout';
        remaining = header.readUInt32BE(4);
        header = Buffer.alloc(0);
        continue;
      }
      const payload = data.subarray(0, remaining);
      remaining -= payload.length;
      data = data.subarray(payload.length);
      yield { stream, bytes: new Uint8Array(payload) };
    }
  }
}

/** Output of a command on a terminal, which has one stream only. */
export async function* terminalOutput(source: Readable): AsyncGenerator<OutputChunk, void, void> {
  for await (const data of chunksUntilBroken(source)) {
    yield { stream: 'stdout', bytes: new Uint8Array(data) };
  }
}

async function* chunksUntilBroken(source: Readable): AsyncGenerator<Buffer, void, void> {
  try {
    for await (const data of source) yield data as Buffer;
  } catch {
    // The daemon or the sandbox is gone: the exit code reports it.
  }
}
