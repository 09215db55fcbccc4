import { expect, it } from 'vitest';
import { formatAge, formatBytes, formatCount, formatDuration } from '#shared/format';

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '0.98 KiB'],
  [1024 ** 2, '1.00 MiB'],
  [150 * 1024 ** 2, '150 MiB'],
  [1.25 * 1024 ** 3, '1.25 GiB'],
])('writes %d bytes as %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

it.each([
  [0, '0'],
  [999, '999'],
  [1000, '1,000'],
  [12_345_678, '12,345,678'],
])('writes the count %d as %s', (count, text) => {
  expect(formatCount(count)).toBe(text);
});

it('formats ages from now to years', () => {
  const now = Date.UTC(2026, 10, 23);
  const ago = (seconds: number) => formatAge(now - seconds * 1000, now);
  expect(ago(3)).toBe('just now');
  expect(ago(30)).toBe('30 s ago');
  expect(ago(125)).toBe('2 min ago');
  expect(ago(2 * 3600)).toBe('2 h ago');
  expect(ago(3 * 86_400)).toBe('3 d ago');
  expect(ago(2 * 31_557_600)).toBe('2 y ago');
  expect(ago(-60)).toBe('just now');
});

it('formats durations in their two largest units', () => {
  expect(formatDuration(12)).toBe('12 s');
  expect(formatDuration(125)).toBe('2 min 5 s');
  expect(formatDuration(3 * 3600 + 240)).toBe('3 h 4 min');
  expect(formatDuration(90_000)).toBe('1 d 1 h');
  expect(formatDuration(1800)).toBe('30 min');
});
