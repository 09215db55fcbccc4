import { appendFileSync, existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inspect } from 'node:util';

/** Bytes after which the log is rotated. One older file is kept. */
const MAX_BYTES = 2 * 1024 * 1024;

export type Log = (message: string, thrown?: unknown) => void;

/**
 * Opens the log of a home, written to `logs/sandglass.log` and stderr with timestamps. Logging
 * never throws, so that a full disk does not crash the app.
 */
export function openLog(home: string): Log {
  const file = join(home, 'logs', 'sandglass.log');
  return (message, thrown) => {
    // `inspect` includes the stack and the causes of errors.
    const line = thrown === undefined ? message : `${message} ${inspect(thrown)}`;
    console.error(line);
    try {
      append(file, `${new Date().toISOString()} ${line}\n`);
    } catch (failure) {
      console.error('Could not write to the log:', failure);
    }
  };
}

function append(file: string, line: string): void {
  mkdirSync(dirname(file), { recursive: true });
  if (existsSync(file) && statSync(file).size > MAX_BYTES) renameSync(file, `${file}.old`);
  appendFileSync(file, line, { mode: 0o600 });
}
