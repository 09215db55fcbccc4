import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { electronEnvironment } from './binaries/electronBinary';
import { onVirtualDisplay } from './host/display';
import { readHost } from './host/host';
import { onInterruption } from './lib/interruption';
import { runScript } from './lib/say';
import { prepareForTests } from './prepare';
import { beginTestImages } from './testImages';
import { removeTestRemains } from './testRemains';
import type { Tally } from './testReports';
import { runStep, type Step, steps } from './testSteps';

interface Result {
  step: Step;
  /** Null for a step that did not run. */
  tally: Tally | null;
}

/** `npm test`: everything; its last line is `N passed, N failed`. */
await runScript(async () => {
  const electron = await prepareForTests(readHost());
  await removeTestRemains();
  const endTestImages = beginTestImages();
  const reportFolder = await mkdtemp(join(tmpdir(), 'sandglass-reports-'));
  try {
    const results = await onVirtualDisplay((display) =>
      runSteps({ ...electronEnvironment(electron), ...display }, reportFolder),
    );
    return sumUp(results);
  } finally {
    await endTestImages();
    await rm(reportFolder, { recursive: true, force: true });
    await removeTestRemains();
  }
});

/** Runs each step, whatever those before came to, until someone interrupts. */
async function runSteps(env: NodeJS.ProcessEnv, reportFolder: string): Promise<Result[]> {
  let isInterrupted = false;
  onInterruption(() => {
    isInterrupted = true;
  });
  const results: Result[] = [];
  for (const step of steps) {
    const needed = results.find((result) => result.step.name === step.needs);
    const canRun = !isInterrupted && !needed?.tally?.failed;
    if (canRun) console.log(`\n── ${step.name}`);
    results.push({ step, tally: canRun ? await runStep(step, env, reportFolder) : null });
  }
  return results;
}

function sumUp(results: Result[]): number {
  console.log('\n── results');
  for (const { step, tally } of results) {
    const outcome = tally ? `${tally.passed} passed, ${tally.failed} failed` : 'did not run';
    console.log(`${step.name.padEnd(22)}${outcome}`);
  }
  const sum = (count: (tally: Tally) => number) =>
    results.reduce((total, { tally }) => total + (tally ? count(tally) : 0), 0);
  const failed = sum((tally) => tally.failed);
  console.log(`\n${sum((tally) => tally.passed)} passed, ${failed} failed`);
  return failed === 0 && results.every(({ tally }) => tally) ? 0 : 1;
}
