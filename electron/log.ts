import { appendFileSync, existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** One older file is kept beside the current one; together they stay below twice this. Bytes. */
const LARGEST_BYTES = 2 * 1024 * 1024;

export type Log = (message: string, thrown?: unknown) => void;

/** Opens the log of a home (`logs/sandglass.log`); each line has its time. */
export function openLog(home: string): Log {
  const folder = join(home, 'logs');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'sandglass.log');
  return (message, thrown) => {
    const detail = thrown instanceof Error ? ` ${thrown.stack}${causeOf(thrown)}` : '';
    const line = `${new Date().toISOString()} ${message}${detail}\n`;
    if (existsSync(file) && statSync(file).size > LARGEST_BYTES) renameSync(file, `${file}.old`);
    appendFileSync(file, line, { mode: 0o600 });
  };
}

function causeOf(error: Error): string {
  return error.cause instanceof Error ? `\n  because: ${error.cause.message}` : '';
}
