/** Detects content types by content, not by file name. */

/** Maximum length of an SVG's prolog (declarations, comments) before its root element. Bytes. */
const MAX_SVG_PROLOG_BYTES = 4096;

/** Magic numbers of the image formats that Chromium supports. */
const signatures: ReadonlyArray<{ mimeType: string; at: number; bytes: string }> = [
  { mimeType: 'image/png', at: 0, bytes: '\x89PNG\r\n\x1a\n' },
  { mimeType: 'image/jpeg', at: 0, bytes: '\xff\xd8\xff' },
  { mimeType: 'image/gif', at: 0, bytes: 'GIF87a' },
  { mimeType: 'image/gif', at: 0, bytes: 'GIF89a' },
  // WebP: a length between "RIFF" and "WEBP". AVIF: a box length before "ftyp" (ISO/IEC 14496-12).
  { mimeType: 'image/webp', at: 8, bytes: 'WEBP' },
  { mimeType: 'image/avif', at: 4, bytes: 'ftypavif' },
  { mimeType: 'image/avif', at: 4, bytes: 'ftypavis' },
];

/** Returns the MIME type of an image by its first bytes; null for anything else. */
export function imageTypeOf(beginning: Uint8Array): string | null {
  const found = signatures.find(({ at, bytes }) => latin1(beginning, at, bytes.length) === bytes);
  if (found?.mimeType === 'image/webp' && latin1(beginning, 0, 4) !== 'RIFF') return null;
  if (found) return found.mimeType;
  const prolog = latin1(beginning, 0, MAX_SVG_PROLOG_BYTES);
  const root = /^(?:\xef\xbb\xbf)?(?:\s|<\?[^>]*>|<!--[\s\S]*?-->|<![^>]*>)*<([\w:]+)/.exec(prolog);
  return root?.[1] === 'svg' ? 'image/svg+xml' : null;
}

/**
 * Decodes bytes as UTF-8; returns null if they are malformed or contain a NUL.
 *
 * @param isWhole false for the start of a longer text, which may end within a character
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
