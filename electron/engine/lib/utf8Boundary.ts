/**
 * Where to cut a chunk of UTF-8 so that no character is split: the rest waits for the next chunk.
 * Returns the length of the whole part, in bytes.
 */
export function wholeCharacters(bytes: Uint8Array): number {
  // A character has at most 4 bytes, so its first byte lies among the last 4 (RFC 3629).
  for (let back = 1; back <= Math.min(4, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0b1100_0000) === 0b1000_0000) continue;
    return lengthFromLead(byte) > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

function lengthFromLead(byte: number): number {
  if (byte >= 0b1111_0000) return 4;
  if (byte >= 0b1110_0000) return 3;
  if (byte >= 0b1100_0000) return 2;
  return 1;
}
