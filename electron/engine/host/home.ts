import { mkdirSync } from 'node:fs';

/** Creates the home with mode 0700 if it is missing. */
export function ensureHome(home: string): void {
  mkdirSync(home, { recursive: true, mode: 0o700 });
}
