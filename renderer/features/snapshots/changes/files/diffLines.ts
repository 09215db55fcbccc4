import type { Hunk } from '#shared/contract/contents';

/** Displayed line of a diff. */
export interface DiffLine {
  /** `hunk` is a hunk header, `note` an annotation such as "No newline at end of file". */
  kind: 'same' | 'added' | 'removed' | 'note' | 'hunk';
  oldNumber: number | null;
  newNumber: number | null;
  text: string;
}

const kinds: Record<string, DiffLine['kind']> = {
  ' ': 'same',
  '+': 'added',
  '-': 'removed',
  '\\': 'note',
};

/** Flattens hunks into numbered lines. */
export function diffLines(hunks: readonly Hunk[]): DiffLine[] {
  return hunks.flatMap((hunk) => {
    let [oldNumber, newNumber] = [hunk.oldStart, hunk.newStart];
    const lines = hunk.lines.map((line): DiffLine => {
      const kind = kinds[line[0] ?? ' '] ?? 'same';
      return {
        kind,
        oldNumber: kind === 'same' || kind === 'removed' ? oldNumber++ : null,
        newNumber: kind === 'same' || kind === 'added' ? newNumber++ : null,
        text: kind === 'note' ? line.slice(2) : line.slice(1),
      };
    });
    return [{ kind: 'hunk', oldNumber: null, newNumber: null, text: hunkHeader(hunk) }, ...lines];
  });
}

/** Unified diff in the format of `diff -u`. */
export function unifiedText(path: string, hunks: readonly Hunk[]): string {
  const parts = hunks.map((hunk) => [hunkHeader(hunk), ...hunk.lines].join('\n'));
  return `--- a${path}\n+++ b${path}\n${parts.join('\n')}\n`;
}

function hunkHeader({ oldStart, newStart, lines }: Hunk): string {
  const count = (sign: string) => lines.filter(([first]) => first === ' ' || first === sign).length;
  return `@@ -${rangeOf(oldStart, count('-'))} +${rangeOf(newStart, count('+'))} @@`;
}

function rangeOf(start: number, length: number): string {
  return length === 1 ? String(start) : `${start},${length}`;
}
