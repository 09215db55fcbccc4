import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

const script = join(import.meta.dirname, 'pty.py');

/** A command on a pseudo-terminal of 100 columns and 30 rows. */
export interface TerminalUser {
  type(text: string): void;
  resize(cols: number, rows: number): void;
  signal(number: number): void;
  /** All output so far. */
  screen(): string;
  /** Waits for output that matches, after the match of the last wait. */
  sees(pattern: RegExp): Promise<string>;
  /** `restored`: the terminal's settings are as before. A negative code is that of a signal. */
  ended: Promise<{ code: number; restored: boolean }>;
}

export function onTerminal(argv: string[], env: NodeJS.ProcessEnv): TerminalUser {
  const driver = spawn('python3', [script, ...argv], { env });
  onTestFinished(() => void driver.stdin.end());
  let screen = '';
  let seen = 0;
  let wake = () => {};
  driver.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    screen += chunk;
    wake();
  });
  driver.once('close', () => wake());
  driver.stdin.on('error', () => {});
  const order = (what: object) => void driver.stdin.write(`${JSON.stringify(what)}\n`);
  return {
    type: (typed) => order({ write: typed }),
    resize: (cols, rows) => order({ resize: [cols, rows] }),
    signal: (number) => order({ signal: number }),
    screen: () => screen,
    sees: async (pattern) => {
      for (;;) {
        const found = pattern.exec(screen.slice(seen));
        if (found) {
          seen += found.index + found[0].length;
          return found[0];
        }
        if (driver.exitCode !== null) throw new Error(`${pattern} never came: ${screen}`);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    ended: text(driver.stderr).then((told) => {
      try {
        return JSON.parse(told) as { code: number; restored: boolean };
      } catch {
        throw new Error(`The terminal did not end well: ${told}`);
      }
    }),
  };
}
