/** Parses `NAME=value` lines, skipping blank lines and # comments. Null if a line is malformed. */
export function parsePairs(text: string): Record<string, string> | null {
  const env: Record<string, string> = {};
  for (const line of text.split('\n').map((raw) => raw.trim())) {
    if (line === '' || line.startsWith('#')) continue;
    const at = line.indexOf('=');
    if (at < 1) return null;
    env[line.slice(0, at)] = line.slice(at + 1);
  }
  return env;
}

/** Formats pairs as `NAME=value` lines. */
export function formatPairs(pairs: Record<string, string>): string {
  return Object.entries(pairs)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n');
}
