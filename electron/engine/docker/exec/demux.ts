import type { Readable } from 'node:stream';

export interface OutputChunk {
  name: 'stdout' | 'stderr';
  chunk: Uint8Array<ArrayBuffer>;
}

/** Each frame begins with its stream's number, three zeros and its length (Engine API, attach). */
const HEADER_BYTES = 8;
const STDERR = 2;

/**
 * The output of a command without a terminal, taken out of Docker's one stream. Nothing is read while
 * nobody asks: a reader that is slow makes the command slow. A stream that breaks just ends.
 */
export async function* demux(stream: Readable): AsyncGenerator<OutputChunk, void, void> {
  let header = Buffer.alloc(0);
  let left = 0;
  let name: OutputChunk['name'] = 'stdout';
  for await (let data of untilBroken(stream)) {
    while (data.length > 0) {
      if (left === 0) {
        const missing = HEADER_BYTES - header.length;
        header = Buffer.concat([header, data.subarray(0, missing)]);
        data = data.subarray(missing);
        if (header.length < HEADER_BYTES) continue;
        name = header[0] === STDERR ? 'stderr' : 'stdout';
        left = header.readUInt32BE(4);
        header = Buffer.alloc(0);
        continue;
      }
      const chunk = data.subarray(0, left);
      left -= chunk.length;
      data = data.subarray(chunk.length);
      yield { name, chunk: new Uint8Array(chunk) };
    }
  }
}

async function* untilBroken(stream: Readable): AsyncGenerator<Buffer, void, void> {
  try {
    for await (const data of stream) yield data as Buffer;
  } catch {
    // The daemon or the sandbox has gone; the exit code tells.
  }
}
