import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { textHunks } from '../../../electron/engine/contents/worker/comparison/textHunks';

const lines = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, n) => `line ${from + n}\n`).join('');

/** Output of the system's diff, without the file names. */
function systemDiff(before: string, after: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'sandglass-diff-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'a'), before);
  writeFileSync(join(folder, 'b'), after);
  const { stdout } = spawnSync('diff', ['-u', 'a', 'b'], { cwd: folder, encoding: 'utf8' });
  return stdout.split('\n').slice(2, -1);
}

function ours(before: string, after: string): string[] {
  return (textHunks(before, after) ?? []).flatMap(({ oldStart, newStart, lines: shown }) => {
    const count = (sign: string) =>
      shown.filter((line) => ` ${sign}`.includes(line[0] ?? '')).length;
    const range = (start: number, length: number) => (length === 1 ? start : `${start},${length}`);
    return [`@@ -${range(oldStart, count('-'))} +${range(newStart, count('+'))} @@`, ...shown];
  });
}

test.each([
  ['a line in the middle', lines(1, 40), lines(1, 40).replace('line 20\n', 'other\n')],
  ['two parts', lines(1, 60), lines(1, 60).replace('line 5\n', '').replace('line 50\n', 'x\ny\n')],
  ['parts that touch', lines(1, 12), lines(1, 12).replace('line 3\n', '').replace('line 9\n', '')],
  ['something out of nothing', '', lines(1, 3)],
  ['nothing out of something', lines(1, 3), ''],
  ['no newline at the end', 'a\nb', 'a\nb\n'],
  ['no newline on either side', 'a\nb', 'a\nc'],
  ['carriage returns', 'a\r\nb\r\n', 'a\r\nb\n'],
  ['the same', lines(1, 3), lines(1, 3)],
  ['lines that look like signs', '-- a\n++ b\n@@ c\n', '-- a\n++ d\n@@ c\n'],
])('as diff -u: %s', (_name, before, after) => {
  expect(ours(before, after)).toEqual(systemDiff(before, after));
});

test('the comparison of two large unrelated texts is abandoned', () => {
  const text = (seed: string) =>
    Array.from({ length: 60_000 }, (_, n) => `${seed}${(n * 7919) % 60_000}\n`).join('');
  expect(textHunks(text('a'), text('b'))).toBeNull();
});
