/** Prints a status line to stderr, since stdout belongs to the command that is run. */
export function printStatus(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Error that the user has to resolve. Printed without a stack trace. */
export class SetupError extends Error {}

/** Runs a script's main function and exits with its result. */
export async function runScript(main: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await main();
  } catch (thrown) {
    if (!(thrown instanceof SetupError)) throw thrown;
    printStatus(thrown.message);
    process.exitCode = 1;
  }
}
