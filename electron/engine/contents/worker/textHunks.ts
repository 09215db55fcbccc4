import { structuredPatch } from 'diff';
import type { Hunk } from '#shared/contract/contents';

/** Past this, two texts have too little in common to be worth the wait. Milliseconds. */
const MOST_MS = 1000;
const CONTEXT_LINES = 3;

/** Where two texts differ, as `diff -u` has it; null where that takes too long to find out. */
export function textHunks(before: string, after: string): Hunk[] | null {
  const patch = structuredPatch('', '', before, after, undefined, undefined, {
    context: CONTEXT_LINES,
    timeout: MOST_MS,
  });
  return (
    patch?.hunks.map(({ oldStart, oldLines, newStart, newLines, lines }) => ({
      // A side without any line begins before the first one.
      oldStart: oldLines === 0 ? oldStart - 1 : oldStart,
      newStart: newLines === 0 ? newStart - 1 : newStart,
      lines,
    })) ?? null
  );
}
