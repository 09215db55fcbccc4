/**
 * Returns the length in bytes of the longest prefix of UTF-8 text that does not split a character. The
 * remainder belongs before the next chunk.
 */
export function wholeCharacters(bytes: Uint8Array): number {
  // A character has at most 4 bytes (RFC 3629, 3), so its lead byte is among the last 4.
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
