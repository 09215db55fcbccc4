import type { Difference, DifferenceCounts, DifferenceRow } from '#shared/contract/contents';
import { formatBytes, formatCount } from '#shared/format';

/** Signs of differences, in addition to their colours. */
export const differenceSigns: Record<Difference['difference'], string> = {
  added: '+',
  changed: '~',
  removed: '−',
};

export const kindTexts = {
  file: 'file',
  directory: 'folder',
  symlink: 'link',
  other: 'special file',
} as const;

/** Changed aspects of a path, such as `content` or `mode 0644 → 0755`. */
export function aspectTexts({ aspects, before, after }: Difference): string[] {
  if (!before || !after) return [];
  const texts: Record<Difference['aspects'][number], string> = {
    content: 'content',
    kind: `${kindTexts[before.kind]} → ${kindTexts[after.kind]}`,
    mode: `mode ${modeText(before.mode)} → ${modeText(after.mode)}`,
    owner: `owner ${before.uid}:${before.gid} → ${after.uid}:${after.gid}`,
    target: `target ${before.linkTarget} → ${after.linkTarget}`,
  };
  return aspects.map((aspect) => texts[aspect]);
}

export function modeText(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

/** Size of a file, before and after if they differ. */
export function sizeChangeText({ before, after }: Difference): string {
  const [was, is] = [before, after].map((side) =>
    side?.kind === 'file' ? formatBytes(side.sizeBytes) : null,
  );
  if (was && is) return before?.sizeBytes === after?.sizeBytes ? is : `${was} → ${is}`;
  return is ?? was ?? '';
}

/** Bytes in added and in removed files. A changed file counts as both. */
export function bytesText({ addedBytes, removedBytes }: DifferenceRow): string {
  return [
    ...(addedBytes > 0 ? [`+${formatBytes(addedBytes)}`] : []),
    ...(removedBytes > 0 ? [`−${formatBytes(removedBytes)}`] : []),
  ].join(' ');
}

/** Non-zero counts, formatted as `+3`, `~1`, `−2`. */
export function countTexts(counts: DifferenceCounts): Array<[Difference['difference'], string]> {
  return (['added', 'changed', 'removed'] as const)
    .filter((kind) => counts[kind] > 0)
    .map((kind) => [kind, `${differenceSigns[kind]}${formatCount(counts[kind])}`]);
}

/** Non-zero counts in words, for screen readers. */
export function countWords(counts: DifferenceCounts): string {
  return (['added', 'changed', 'removed'] as const)
    .filter((kind) => counts[kind] > 0)
    .map((kind) => `${formatCount(counts[kind])} ${kind}`)
    .join(', ');
}
