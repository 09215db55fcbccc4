import { expect, it } from 'vitest';
import { imageTypeOf, textOf } from '../../electron/engine/contents/fileBytes';

const bytes = (text: string, encoding: BufferEncoding = 'latin1') => Buffer.from(text, encoding);

it.each([
  ['image/png', '\x89PNG\r\n\x1a\n\0\0\0\rIHDR'],
  ['image/jpeg', '\xff\xd8\xff\xe0\0\x10JFIF'],
  ['image/gif', 'GIF89a\x01\0'],
  ['image/webp', 'RIFF\x24\0\0\0WEBPVP8 '],
  ['image/avif', '\0\0\0\x20ftypavif'],
  ['image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg"/>'],
  ['image/svg+xml', '\xef\xbb\xbf<?xml version="1.0"?>\n<!-- a > b -->\n<!DOCTYPE svg>\n<svg>'],
])('%s is detected by its first bytes', (mimeType, beginning) => {
  expect(imageTypeOf(bytes(beginning))).toBe(mimeType);
});

it.each(['', 'PNG', 'RIFF\x24\0\0\0WAVEfmt ', '<html><svg/></html>', 'text about <svg>', '<svgx>'])(
  '%j is no image',
  (beginning) => {
    expect(imageTypeOf(bytes(beginning))).toBeNull();
  },
);

it('text is UTF-8 without NUL, and keeps its byte order mark', () => {
  for (const text of ['', 'größe 大小 🏝\n', '\ufeffmarked\r\n']) {
    expect(textOf(bytes(text, 'utf8'), true)).toBe(text);
  }
  expect(textOf(bytes('a\0b'), true)).toBeNull();
  expect(textOf(bytes('gr\xf6\xdfe'), true)).toBeNull();
  expect(textOf(bytes('text', 'utf16le'), true)).toBeNull();
});

it('a prefix may end within a character, a complete text may not', () => {
  const cut = bytes('大小', 'utf8').subarray(0, 4);
  expect(textOf(cut, false)).toBe('大');
  expect(textOf(cut, true)).toBeNull();
});
