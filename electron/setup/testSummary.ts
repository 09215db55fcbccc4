import type { Report, TestFile } from './testReports';
import type { Step } from './testSteps';

export interface StepResult {
  step: Step;
  durationMs: number;
  /** Null for a step that did not run. */
  report: Report | null;
}

const SLOWEST_FILES = 10;

/** Prints times and results; the last line is `N passed, N failed`. Returns the exit code. */
export function printSummary(results: StepResult[]): number {
  const files = results.flatMap(({ report }) => report?.files ?? []);
  if (files.length > 0) {
    console.log('\n── slowest files');
    const slowest = [...files].sort((a, b) => b.durationMs - a.durationMs);
    for (const { path, durationMs } of slowest.slice(0, SLOWEST_FILES)) {
      console.log(`${formatDuration(durationMs).padEnd(12)}${path}`);
    }
    console.log('\n── time of the files by kind, added up');
    for (const [kind, durationMs] of timeByKind(files)) {
      console.log(`${formatDuration(durationMs).padEnd(12)}${kind}`);
    }
  }
  console.log('\n── results');
  for (const { step, durationMs, report } of results) {
    const outcome = report ? `${report.passed} passed, ${report.failed} failed` : 'did not run';
    const time = report ? formatDuration(durationMs) : '';
    console.log(`${step.name.padEnd(22)}${time.padEnd(12)}${outcome}`);
  }
  const sum = (count: (report: Report) => number) =>
    results.reduce((total, { report }) => total + (report ? count(report) : 0), 0);
  const failed = sum((report) => report.failed);
  console.log(`\n${sum((report) => report.passed)} passed, ${failed} failed`);
  return failed === 0 && results.every(({ report }) => report) ? 0 : 1;
}

/** By the first folder of the path: unit, integration, e2e. */
function timeByKind(files: TestFile[]): Map<string, number> {
  const times = new Map<string, number>();
  for (const { path, durationMs } of files) {
    const kind = path.split('/')[0] ?? '';
    times.set(kind, (times.get(kind) ?? 0) + durationMs);
  }
  return times;
}

function formatDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}
