/**
 * One line about what the preparation does. It goes to stderr: stdout belongs to what is run, and
 * may be read by a program.
 */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Something the user has to do first: shown as it is, without a stack. */
export class SetupError extends Error {}

/** Runs a script's main function; its result is the exit code. */
export async function runScript(main: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await main();
  } catch (thrown) {
    if (!(thrown instanceof SetupError)) throw thrown;
    say(thrown.message);
    process.exitCode = 1;
  }
}
