import type { Package, PackageDifference } from '#shared/contract/contents';

/** Returns the packages that differ in version or are on one side only, by manager and name. */
export function comparePackages(
  before: readonly Package[],
  after: readonly Package[],
): PackageDifference[] {
  const [old, now] = [versionsByPackage(before), versionsByPackage(after)];
  const keys = [...new Set([...old.keys(), ...now.keys()])].sort();
  return keys.flatMap((key) => {
    const [was, is] = [old.get(key), now.get(key)];
    const either = is ?? was;
    if (!either || was?.versions === is?.versions) return [];
    const { manager, name } = either;
    return [{ manager, name, before: was?.versions ?? null, after: is?.versions ?? null }];
  });
}

function versionsByPackage(packages: readonly Package[]) {
  const found = new Map<string, { manager: Package['manager']; name: string; versions: string }>();
  for (const { manager, name, version } of packages) {
    const key = `${manager} ${manager === 'pip' ? projectName(name) : name}`;
    const known = found.get(key);
    if (known) known.versions += `, ${version}`;
    else found.set(key, { manager, name, versions: version });
  }
  return found;
}

/** Normalizes a Python project name (PEP 503), whose spelling may change with an upgrade. */
function projectName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}
