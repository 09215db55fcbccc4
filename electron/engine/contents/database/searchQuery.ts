/** A package as it is searched for, all in lower case. */
export interface PackageQuery {
  name: string;
  /** What the version begins with; null for any. */
  version: string | null;
}

/** A path as it is searched for, all in lower case. */
export interface PathQuery {
  /** The folders that it has to be in, each directly in the one before. */
  folders: string[];
  /** A part of its name. */
  name: string;
  /** The first of all this is in the root folder. */
  fromRoot: boolean;
}

const nameAndVersion = /^(@?[^\s@=]+)(?:\s*(?:==?|@)\s*|\s+)(\S+)$/;

/** `numpy`, `numpy 2.1`, `numpy==2.1`, `numpy=2.1`, `numpy@2.1`, `@types/node@20`. */
export function parsePackageQuery(query: string): PackageQuery {
  const [, name = query, version = null] = nameAndVersion.exec(query) ?? [];
  return { name: name.toLowerCase(), version: version?.toLowerCase() ?? null };
}

/** `config.yaml`, `etc/nginx/conf`, `/etc/host`; null where there is no name. */
export function parsePathQuery(query: string): PathQuery | null {
  const folders = query.toLowerCase().split('/').filter(Boolean);
  const name = folders.pop();
  return name === undefined ? null : { folders, name, fromRoot: query.startsWith('/') };
}

/** A text as one phrase of FTS5, whatever is in it. */
export function ftsPhrase(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
