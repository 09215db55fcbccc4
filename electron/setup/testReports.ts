import { readFile } from 'node:fs/promises';
import { isAbsolute, relative, sep } from 'node:path';
import { projectFolder } from './lib/project';

/** Result of a step of `npm test`. */
export interface Report {
  passed: number;
  failed: number;
  /** Empty for a step that does not run test files. */
  files: TestFile[];
}

export interface TestFile {
  /** Relative to `test/`, with slashes. */
  path: string;
  durationMs: number;
}

/** Counts a check such as the type check as one test. */
export function reportOfCheck(exitCode: number): Report {
  return exitCode === 0 ? { passed: 1, failed: 0, files: [] } : { passed: 0, failed: 1, files: [] };
}

/**
 * Reads the JSON report of a test run. A run that fails without a failed test (a file that does not
 * load, a missing report) counts as one failure, and so does a run without tests unless `mayBeEmpty`.
 */
export async function reportOfRun(
  exitCode: number,
  file: string,
  parse: (json: unknown) => Report,
  mayBeEmpty: boolean,
): Promise<Report> {
  const report = await readFile(file, 'utf8').then(
    (text) => parse(JSON.parse(text)),
    () => ({ passed: 0, failed: 0, files: [] }),
  );
  const isEmpty = report.passed === 0 && !mayBeEmpty;
  const isSilentFailure = report.failed === 0 && (exitCode !== 0 || isEmpty);
  return isSilentFailure ? { ...report, failed: 1 } : report;
}

/** https://vitest.dev/guide/reporters#json-reporter */
export function parseVitestReport(json: unknown): Report {
  const { numPassedTests, numFailedTests, testResults } = json as {
    numPassedTests: number;
    numFailedTests: number;
    testResults: Array<{ name: string; startTime: number; endTime: number }>;
  };
  return {
    passed: numPassedTests,
    failed: numFailedTests,
    files: testResults.map(({ name, startTime, endTime }) => ({
      path: testPath(name),
      durationMs: endTime - startTime,
    })),
  };
}

interface PlaywrightSuite {
  file: string;
  suites?: PlaywrightSuite[];
  specs: Array<{ tests: Array<{ results: Array<{ duration: number }> }> }>;
}

/** https://playwright.dev/docs/test-reporters#json-reporter */
export function parsePlaywrightReport(json: unknown): Report {
  const { stats, suites } = json as {
    stats: { expected: number; flaky: number; unexpected: number };
    suites: PlaywrightSuite[];
  };
  return {
    passed: stats.expected + stats.flaky,
    failed: stats.unexpected,
    files: suites.map((suite) => ({
      path: testPath(`e2e/${suite.file}`),
      durationMs: durationOf(suite),
    })),
  };
}

function durationOf({ specs, suites = [] }: PlaywrightSuite): number {
  const results = specs.flatMap(({ tests }) => tests).flatMap((test) => test.results);
  const own = results.reduce((sum, { duration }) => sum + duration, 0);
  return suites.reduce((sum, suite) => sum + durationOf(suite), own);
}

function testPath(file: string): string {
  const path = isAbsolute(file) ? relative(`${projectFolder}/test`, file) : file;
  return path.split(sep).join('/');
}
