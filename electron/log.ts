import { appendFileSync, existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inspect } from 'node:util';

/** One older file is kept beside the current one; together they stay below twice this. Bytes. */
const LARGEST_BYTES = 2 * 1024 * 1024;

export type Log = (message: string, thrown?: unknown) => void;

/**
 * Opens the log of a home (`logs/sandglass.log`, and stderr); each line has its time. Logging never
 * throws: what goes wrong with a full disk must not end the app as well.
 */
export function openLog(home: string): Log {
  const file = join(home, 'logs', 'sandglass.log');
  return (message, thrown) => {
    // Of an error, `inspect` tells the stack and the causes; of anything else, all there is.
    const line = thrown === undefined ? message : `${message} ${inspect(thrown)}`;
    console.error(line);
    try {
      append(file, `${new Date().toISOString()} ${line}\n`);
    } catch (failure) {
      console.error('This could not be logged:', failure);
    }
  };
}

function append(file: string, line: string): void {
  mkdirSync(dirname(file), { recursive: true });
  if (existsSync(file) && statSync(file).size > LARGEST_BYTES) renameSync(file, `${file}.old`);
  appendFileSync(file, line, { mode: 0o600 });
}
