/** Lines of `NAME=value`; empty ones and comments are passed over. Null where a line is neither. */
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

/** The same lines back. */
export function formatPairs(pairs: Record<string, string>): string {
  return Object.entries(pairs)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n');
}
