import type { PackageDifference } from '#shared/contract/contents';

export type PackageChange = 'added' | 'removed' | 'upgraded' | 'downgraded' | 'changed';

/** Kind of change of a package; `changed` if the order of the versions is uncertain. */
export function packageChange({ manager, before, after }: PackageDifference): PackageChange {
  if (before === null) return 'added';
  if (after === null) return 'removed';
  const order = compareVersions(manager, before, after);
  return order === null || order === 0 ? 'changed' : order < 0 ? 'upgraded' : 'downgraded';
}

/**
 * Compares two versions of a package by the rules of its manager. Null if the order is uncertain: for
 * several installed versions, and for non-numeric versions of managers other than dpkg.
 */
function compareVersions(
  manager: PackageDifference['manager'],
  a: string,
  b: string,
): number | null {
  if (a.includes(', ') || b.includes(', ')) return null;
  if (manager === 'apt') return compareDebian(a, b);
  const plain = manager === 'apk' ? /^\d+(\.\d+)*(-r\d+)?$/ : /^\d+(\.\d+)*$/;
  if (!plain.test(a) || !plain.test(b)) return null;
  const [left = '', leftBuild = '0'] = a.split('-r');
  const [right = '', rightBuild = '0'] = b.split('-r');
  return compareNumbers(left, right) || Number(leftBuild) - Number(rightBuild);
}

function compareNumbers(a: string, b: string): number {
  const [left, right] = [a.split('.'), b.split('.')];
  for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
    const order = Number(left[at] ?? 0) - Number(right[at] ?? 0);
    if (order !== 0) return order;
  }
  return 0;
}

/** Compares by epoch, upstream version and revision (deb-version(7)). */
function compareDebian(a: string, b: string): number {
  const [left, right] = [debianParts(a), debianParts(b)];
  return (
    left.epoch - right.epoch ||
    compareDebianPart(left.upstream, right.upstream) ||
    compareDebianPart(left.revision, right.revision)
  );
}

function debianParts(version: string) {
  const colon = version.indexOf(':');
  const rest = version.slice(colon + 1);
  const dash = rest.lastIndexOf('-');
  return {
    epoch: colon < 0 ? 0 : Number(version.slice(0, colon)),
    upstream: dash < 0 ? rest : rest.slice(0, dash),
    revision: dash < 0 ? '' : rest.slice(dash + 1),
  };
}

/** Compares alternating runs of non-digits, by `weightOf`, and of digits, as numbers. */
function compareDebianPart(a: string, b: string): number {
  let [left, right] = [a, b];
  while (left || right) {
    const [words, others] = [/^\D*/.exec(left)?.[0] ?? '', /^\D*/.exec(right)?.[0] ?? ''];
    for (let at = 0; at < Math.max(words.length, others.length); at += 1) {
      const order = weightOf(words[at]) - weightOf(others[at]);
      if (order !== 0) return order;
    }
    left = left.slice(words.length);
    right = right.slice(others.length);
    const [digits, numbers] = [/^\d*/.exec(left)?.[0] ?? '', /^\d*/.exec(right)?.[0] ?? ''];
    const order = Number(digits) - Number(numbers);
    if (order !== 0) return order;
    left = left.slice(digits.length);
    right = right.slice(numbers.length);
  }
  return 0;
}

/** Sort weight: a tilde sorts before the end of a part, letters before other characters. */
function weightOf(character: string | undefined): number {
  if (character === undefined) return 0;
  if (character === '~') return -1;
  const code = character.charCodeAt(0);
  return /[a-z]/i.test(character) ? code : code + 256;
}
