import { structuredPatch } from 'diff';
import type { Hunk } from '#shared/contract/contents';

/** Milliseconds after which two texts are too different to compare. */
const TIMEOUT_MS = 1000;
const CONTEXT_LINES = 3;

/** Returns the hunks of `diff -u`; null on a timeout. */
export function textHunks(before: string, after: string): Hunk[] | null {
  const patch = structuredPatch('', '', before, after, undefined, undefined, {
    context: CONTEXT_LINES,
    timeout: TIMEOUT_MS,
  });
  return (
    patch?.hunks.map(({ oldStart, oldLines, newStart, newLines, lines }) => ({
      // An empty side starts before its first line.
      oldStart: oldLines === 0 ? oldStart - 1 : oldStart,
      newStart: newLines === 0 ? newStart - 1 : newStart,
      lines,
    })) ?? null
  );
}
