import type { Package } from '#shared/contract/contents';

/** A package's own file is small; a database of installed ones is a few MiB at most. Bytes. */
export const MOST_PACKAGE_FILE_BYTES = 32 * 1024 ** 2;

type Parser = (text: string) => Package[];

/** Where each package manager writes down what is installed. */
const files: ReadonlyArray<{ pattern: RegExp; parse: Parser }> = [
  // dpkg(1): one database; images without dpkg itself have a file for each package, and its checksums.
  { pattern: /^\/var\/lib\/dpkg\/(status|status\.d\/(?![^/]*\.md5sums$)[^/]+)$/, parse: parseDpkg },
  { pattern: /^\/(usr\/)?lib\/apk\/db\/installed$/, parse: parseApk },
  // "Recording installed projects" of the Python Packaging User Guide, and its forerunners. What a package
  // carries along in `_vendor`, and what a tool keeps in its cache, is not installed.
  {
    pattern:
      /^(?!.*\/(_vendor|\.cache)\/).*(\.dist-info\/METADATA|\.egg-info(\/PKG-INFO)?|\.egg\/EGG-INFO\/PKG-INFO)$/,
    parse: parsePython,
  },
  // Two levels for scoped packages.
  { pattern: /\/node_modules\/(@[^/]+\/)?[^/@.][^/]*\/package\.json$/, parse: parseNpm },
];

/** True for a file that tells of installed packages. */
export function isPackageFile(path: string): boolean {
  return files.some(({ pattern }) => pattern.test(path));
}

/** The packages that such a file tells of; none from one that cannot be understood. */
export function readPackageFile(path: string, bytes: Buffer): Package[] {
  const file = files.find(({ pattern }) => pattern.test(path));
  return file?.parse(bytes.toString('utf8')) ?? [];
}

/** A file of one package is not larger. Bytes. */
export const MOST_SECOND_NAME_BYTES = 256 * 1024;

/**
 * True when a file may be of a package although its name does not say so: tools like pnpm and uv keep all
 * files in a store of theirs, and what is installed are second names of those.
 */
export function mayBeOfPackage(start: Buffer): boolean {
  return start[0] === 0x7b || start.subarray(0, 17).toString('latin1') === 'Metadata-Version:';
}

/** The package that the bytes of such a file tell of, if any. */
export function readStoredPackageFile(bytes: Buffer): Package[] {
  return (bytes[0] === 0x7b ? parseNpm : parsePython)(bytes.toString('utf8'));
}

/** What dpkg(1) says of a package that is there and works, or will when others have been set up. */
const installed = /(^| )(installed|triggers-awaited|triggers-pending)$/;

/** Paragraphs of `Field: value`; those that are not installed any more are still listed. */
function parseDpkg(text: string): Package[] {
  return text.split(/\n\n+/).flatMap((paragraph) => {
    const name = field(paragraph, 'Package');
    const version = field(paragraph, 'Version');
    const status = field(paragraph, 'Status');
    if (!name || !version || (status && !installed.test(status))) return [];
    return [{ manager: 'apt' as const, name, version }];
  });
}

/** apk-tools' database: a letter, a colon and a value on each line. */
function parseApk(text: string): Package[] {
  return text.split(/\n\n+/).flatMap((paragraph) => {
    const name = field(paragraph, 'P');
    const version = field(paragraph, 'V');
    return name && version ? [{ manager: 'apk' as const, name, version }] : [];
  });
}

/** Headers up to the first empty line, as in a mail. */
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
