import type { PicturePart } from '#shared/contract/contents';
import { type ContentKind, contentKinds } from '#shared/contract/schemas/contentKinds';
import { formatBytes } from '#shared/format';

export const kindLabels: Record<ContentKind, string> = {
  system: 'System',
  runtime: 'Runtimes',
  packages: 'Packages',
  data: 'Data',
  home: 'Home',
};

export interface KindSum {
  kind: ContentKind;
  /** Total and added bytes. */
  total: number;
  own: number;
}

/** Sizes of the kinds that occur, largest first. */
export function sumByKind(parts: readonly PicturePart[]): KindSum[] {
  return contentKinds
    .map((kind) => {
      const ofKind = parts.filter((part) => part.kind === kind);
      const own = ofKind.reduce((sum, { ownBytes }) => sum + ownBytes, 0);
      const inherited = ofKind.reduce((sum, { inheritedBytes }) => sum + inheritedBytes, 0);
      return { kind, own, total: own + inherited };
    })
    .filter(({ total }) => total > 0)
    .sort((a, b) => b.total - a.total);
}

/** Caption of a part: `/usr/lib · system · 24.1 MiB, 2.0 MiB added`. */
export function partText(part: PicturePart, parts: readonly PicturePart[]): string {
  const { path, kind, inheritedBytes, ownBytes } = part;
  const inside = path === '/' ? '/' : `${path}/`;
  const isRest = parts.some((other) => other !== part && other.path.startsWith(inside));
  const size = formatBytes(inheritedBytes + ownBytes);
  return `${path}${isRest ? ', rest' : ''} · ${kindLabels[kind].toLowerCase()} · ${size}${ownText(part, parts)}`;
}

function ownText({ inheritedBytes, ownBytes }: PicturePart, parts: readonly PicturePart[]): string {
  // Without inherited files the distinction is meaningless.
  if (parts.every((part) => part.inheritedBytes === 0)) return '';
  if (ownBytes === 0) return ', inherited';
  return inheritedBytes === 0 ? ', all added' : `, ${formatBytes(ownBytes)} added`;
}

/** Text alternative of a picture. */
export function pictureText(name: string, parts: readonly PicturePart[]): string {
  const kinds = sumByKind(parts).map(
    ({ kind, total }) => `${kindLabels[kind].toLowerCase()} ${formatBytes(total)}`,
  );
  return `Contents of ${name}: ${kinds.join(', ') || 'nothing'}`;
}
