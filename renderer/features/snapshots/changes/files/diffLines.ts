import type { Hunk } from '#shared/contract/contents';

/** A line of a diff as it is shown. */
export interface DiffLine {
  /** `place` begins a part, `note` says something of the line before. */
  kind: 'same' | 'added' | 'removed' | 'note' | 'place';
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

/** All lines of all parts, with their numbers. */
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
    return [{ kind: 'place', oldNumber: null, newNumber: null, text: placeOf(hunk) }, ...lines];
  });
}

/** As `diff -u` prints it, to be pasted elsewhere. */
export function unifiedText(path: string, hunks: readonly Hunk[]): string {
  const parts = hunks.map((hunk) => [placeOf(hunk), ...hunk.lines].join('\n'));
  return `--- a${path}\n+++ b${path}\n${parts.join('\n')}\n`;
}

function placeOf({ oldStart, newStart, lines }: Hunk): string {
  const count = (sign: string) => lines.filter(([first]) => first === ' ' || first === sign).length;
  return `@@ -${rangeOf(oldStart, count('-'))} +${rangeOf(newStart, count('+'))} @@`;
}

function rangeOf(start: number, length: number): string {
  return length === 1 ? String(start) : `${start},${length}`;
}
