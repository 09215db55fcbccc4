import { readFile } from 'node:fs/promises';

/** What a step of `npm test` comes to. */
export interface Tally {
  passed: number;
  failed: number;
}

/** Of a check that is one thing as a whole, e.g. the types. */
export function tallyOfCheck(exitCode: number): Tally {
  return exitCode === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/**
 * Of a test run that wrote a report. A run that failed without a failed test (a file that does not
 * load, no tests at all, a report that is missing) counts as one failure.
 */
export async function tallyOfReport(
  exitCode: number,
  file: string,
  read: (report: unknown) => Tally,
): Promise<Tally> {
  const tally = await readFile(file, 'utf8').then(
    (text) => read(JSON.parse(text)),
    () => ({ passed: 0, failed: 0 }),
  );
  const isSilentFailure = tally.failed === 0 && (exitCode !== 0 || tally.passed === 0);
  return isSilentFailure ? { ...tally, failed: 1 } : tally;
}

/** https://vitest.dev/guide/reporters#json-reporter */
export function readVitestReport(report: unknown): Tally {
  const { numPassedTests, numFailedTests } = report as Record<string, number>;
  return { passed: numPassedTests ?? 0, failed: numFailedTests ?? 0 };
}

/** https://playwright.dev/docs/test-reporters#json-reporter */
export function readPlaywrightReport(report: unknown): Tally {
  const { stats } = report as {
    stats: { expected: number; flaky: number; unexpected: number };
  };
  return { passed: stats.expected + stats.flaky, failed: stats.unexpected };
}
