/** What bytes are, told by themselves and not by a file's name. */

/** The most of an SVG that may come before its root: declarations and comments. Bytes. */
const SVG_PROLOGUE = 4096;

/** Images that every Chromium draws, by their first bytes. */
const signatures: ReadonlyArray<{ mimeType: string; at: number; bytes: string }> = [
  { mimeType: 'image/png', at: 0, bytes: '\x89PNG\r\n\x1a\n' },
  { mimeType: 'image/jpeg', at: 0, bytes: '\xff\xd8\xff' },
  { mimeType: 'image/gif', at: 0, bytes: 'GIF87a' },
  { mimeType: 'image/gif', at: 0, bytes: 'GIF89a' },
  // A length comes between the two parts of WebP's, and before AVIF's brand.
  { mimeType: 'image/webp', at: 8, bytes: 'WEBP' },
  { mimeType: 'image/avif', at: 4, bytes: 'ftypavif' },
  { mimeType: 'image/avif', at: 4, bytes: 'ftypavis' },
];

/** The kind of image that a file is, by its beginning; null for everything else. */
export function imageTypeOf(beginning: Uint8Array): string | null {
  const found = signatures.find(({ at, bytes }) => latin1(beginning, at, bytes.length) === bytes);
  if (found?.mimeType === 'image/webp' && latin1(beginning, 0, 4) !== 'RIFF') return null;
  if (found) return found.mimeType;
  const prologue = latin1(beginning, 0, SVG_PROLOGUE);
  const root = /^(?:\xef\xbb\xbf)?(?:\s|<\?[^>]*>|<!--[\s\S]*?-->|<![^>]*>)*<([\w:]+)/.exec(
    prologue,
  );
  return root?.[1] === 'svg' ? 'image/svg+xml' : null;
}

/**
 * Bytes as UTF-8 text; null when they are none, or have a NUL.
 *
 * @param isWhole false for the beginning of a longer text, which may end within a character
 */
export function textOf(bytes: Uint8Array, isWhole: boolean): string | null {
  if (bytes.includes(0)) return null;
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    return decoder.decode(bytes, { stream: !isWhole });
  } catch {
    return null;
  }
}

function latin1(bytes: Uint8Array, start: number, length: number): string {
  return Buffer.from(bytes.subarray(start, start + length)).toString('latin1');
}
