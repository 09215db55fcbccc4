import type { Package } from '#shared/contract/contents';

/** Maximum size of a package file. A database of installed packages has a few MiB. Bytes. */
export const MAX_PACKAGE_FILE_BYTES = 32 * 1024 ** 2;

type Parser = (text: string) => Package[];

/** Files in which package managers record installed packages. */
const packageFiles: ReadonlyArray<{ pattern: RegExp; parse: Parser }> = [
  // dpkg(1): one database. Images without dpkg have a file per package, beside its checksums.
  { pattern: /^\/var\/lib\/dpkg\/(status|status\.d\/(?![^/]*\.md5sums$)[^/]+)$/, parse: parseDpkg },
  { pattern: /^\/(usr\/)?lib\/apk\/db\/installed$/, parse: parseApk },
  // "Recording installed projects" of the Python Packaging User Guide, and its predecessors. Packages
  // vendored by another one (`_vendor`) and those in a tool's cache are not installed.
  {
    pattern:
      /^(?!.*\/(_vendor|\.cache)\/).*(\.dist-info\/METADATA|\.egg-info(\/PKG-INFO)?|\.egg\/EGG-INFO\/PKG-INFO)$/,
    parse: parsePython,
  },
  // Scoped packages have a second level.
  { pattern: /\/node_modules\/(@[^/]+\/)?[^/@.][^/]*\/package\.json$/, parse: parseNpm },
];

/** True for a path at which a package manager records installed packages. */
export function isPackageFile(path: string): boolean {
  return packageFiles.some(({ pattern }) => pattern.test(path));
}

/** Parses a package file; returns no packages if it is malformed. */
export function readPackageFile(path: string, bytes: Buffer): Package[] {
  const file = packageFiles.find(({ pattern }) => pattern.test(path));
  return file?.parse(bytes.toString('utf8')) ?? [];
}

/** Maximum size of a file that describes one package and has several hard links. Bytes. */
export const MAX_LINKED_FILE_BYTES = 256 * 1024;

/**
 * True if a file may describe a package regardless of its path. Tools such as pnpm and uv keep files in
 * a content-addressed store, and install hard links to them.
 */
export function mayDescribePackage(start: Buffer): boolean {
  return start[0] === 0x7b || start.subarray(0, 17).toString('latin1') === 'Metadata-Version:';
}

/** Parses a file from such a store. */
export function readStoredPackageFile(bytes: Buffer): Package[] {
  return (bytes[0] === 0x7b ? parseNpm : parsePython)(bytes.toString('utf8'));
}

/** States of installed packages in dpkg(1), including those that wait for triggers. */
const installed = /(^| )(installed|triggers-awaited|triggers-pending)$/;

/** Parses paragraphs of `Field: value`. Removed packages stay listed in another state. */
function parseDpkg(text: string): Package[] {
  return text.split(/\n\n+/).flatMap((paragraph) => {
    const name = field(paragraph, 'Package');
    const version = field(paragraph, 'Version');
    const status = field(paragraph, 'Status');
    if (!name || !version || (status && !installed.test(status))) return [];
    return [{ manager: 'apt' as const, name, version }];
  });
}

/** Parses the database of apk-tools: a letter, a colon and a value on each line. */
function parseApk(text: string): Package[] {
  return text.split(/\n\n+/).flatMap((paragraph) => {
    const name = field(paragraph, 'P');
    const version = field(paragraph, 'V');
    return name && version ? [{ manager: 'apk' as const, name, version }] : [];
  });
}

/** Parses headers up to the first empty line (RFC 822 form). */
function parsePython(text: string): Package[] {
  const [headers = ''] = text.split(/\r?\n\r?\n/, 1);
  const name = field(headers, 'Name');
  const version = field(headers, 'Version');
  return name && version ? [{ manager: 'pip', name, version }] : [];
}

function parseNpm(text: string): Package[] {
  try {
    const { name, version } = JSON.parse(text) as { name?: unknown; version?: unknown };
    if (typeof name !== 'string' || typeof version !== 'string' || !name || !version) return [];
    return [{ manager: 'npm', name, version }];
  } catch {
    return [];
  }
}

function field(paragraph: string, name: string): string | null {
  return new RegExp(`^${name}:[ \t]*(.*?)\r?$`, 'm').exec(paragraph)?.[1]?.trim() || null;
}
