/** Query for a package, in lower case. */
export interface PackageQuery {
  name: string;
  /** Prefix of the version; null for any version. */
  version: string | null;
}

/** Query for a path, in lower case. */
export interface PathQuery {
  /** Names of the parent folders, the outermost first. */
  folders: string[];
  /** Part of the entry's name. */
  name: string;
  /** True if the first component is in the root folder. */
  fromRoot: boolean;
}

const nameAndVersion = /^(@?[^\s@=]+)(?:\s*(?:==?|@)\s*|\s+)(\S+)$/;

/** Parses `numpy`, `numpy 2.1`, `numpy==2.1`, `numpy=2.1`, `numpy@2.1`, `@types/node@20`. */
export function parsePackageQuery(query: string): PackageQuery {
  const [, name = query, version = null] = nameAndVersion.exec(query) ?? [];
  return { name: name.toLowerCase(), version: version?.toLowerCase() ?? null };
}

/** Parses `config.yaml`, `etc/nginx/conf`, `/etc/host`; returns null without a name. */
export function parsePathQuery(query: string): PathQuery | null {
  const folders = query.toLowerCase().split('/').filter(Boolean);
  const name = folders.pop();
  return name === undefined ? null : { folders, name, fromRoot: query.startsWith('/') };
}

/** Quotes a text as one FTS5 phrase. */
export function ftsPhrase(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
