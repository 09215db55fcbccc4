import { expect, it } from 'vitest';
import { wholeCharacters } from '../../electron/engine/lib/utf8Boundary';

it('splits only between characters', () => {
  const text = 'aé漢💥z';
  const bytes = new TextEncoder().encode(text);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for (let end = 0; end <= bytes.length; end += 1) {
    const whole = wholeCharacters(bytes.subarray(0, end));
    expect(end - whole).toBeLessThan(4);
    const rest = decoder.decode(bytes.subarray(whole));
    expect(decoder.decode(bytes.subarray(0, whole)) + rest).toBe(text);
  }
});

it('passes through invalid UTF-8', () => {
  expect(wholeCharacters(new Uint8Array([0x80, 0x80, 0x80, 0x80, 0x80]))).toBe(5);
});
