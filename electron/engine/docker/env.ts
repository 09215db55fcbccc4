/** Environment variables as Docker's API writes them: a list of `NAME=value` (POSIX `environ`). */

export function toEnvList(env: Record<string, string>): string[] {
  return Object.entries(env).map(([name, value]) => `${name}=${value}`);
}

/** Parses `NAME=value` lines. A line without `=` becomes a variable with an empty value. */
export function parseEnvList(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    lines.map((line) => {
      const equals = line.indexOf('=');
      return equals < 0 ? [line, ''] : [line.slice(0, equals), line.slice(equals + 1)];
    }),
  );
}
