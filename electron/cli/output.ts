import type { Writable } from 'node:stream';
import { systemCode } from './failure';

/** The reading end of a pipe is closed. */
export class BrokenPipe extends Error {}

/**
 * Writes and waits until the data has been flushed, which propagates back-pressure.
 *
 * @throws BrokenPipe
 */
export function write(stream: Writable, data: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(data, (error) => {
      if (!error) resolve();
      else reject(systemCode(error) === 'EPIPE' ? new BrokenPipe(error.message) : error);
    });
  });
}

export async function printLine(line: string): Promise<void> {
  await write(process.stdout, `${line}\n`);
}

export async function printJson(value: unknown): Promise<void> {
  await printLine(JSON.stringify(value, null, 2));
}

/** Prints rows below a heading, in columns as wide as their widest cell. */
export async function printTable(heading: string[], rows: string[][]): Promise<void> {
  const all = [heading, ...rows];
  const widths = heading.map((_, column) =>
    Math.max(...all.map((row) => (row[column] ?? '').length)),
  );
  const lines = all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  await printLine(lines.join('\n'));
}
