import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { electronEnvironment } from './binaries/electronBinary';
import { readHost } from './host/host';
import { onInterruption } from './lib/interruption';
import { run } from './lib/processes';
import { projectFolder } from './lib/project';
import { runScript } from './lib/status';
import { prepareForTests } from './prepare';
import { beginTestImages } from './testImages';
import { removeTestRemains } from './testRemains';
import { allTests, changedTests, longTests, runStep, type Stage } from './testSteps';
import { printSummary, type StepResult } from './testSummary';

/** `npm test`, `npm run test:long` and `npm run test:changed`; the last line is `N passed, N failed`. */
await runScript(async () => {
  const stages = await stagesFor(process.argv[2]);
  const electron = await prepareForTests(readHost());
  await removeTestRemains();
  const endTestImages = beginTestImages();
  const reportFolder = await mkdtemp(join(tmpdir(), 'sandglass-reports-'));
  try {
    return printSummary(await runStages(stages, electronEnvironment(electron), reportFolder));
  } finally {
    await endTestImages();
    await rm(reportFolder, { recursive: true, force: true });
    await removeTestRemains();
  }
});

async function stagesFor(option: string | undefined): Promise<Stage[]> {
  if (option === '--long') return longTests;
  if (option === '--changed') return changedTests(await mergeBase());
  return allTests;
}

/** The last commit in common with the upstream branch or `main`; `HEAD` where there is neither. */
async function mergeBase(): Promise<string> {
  for (const branch of ['@{upstream}', 'origin/main', 'main']) {
    const { code, output } = await run('git', ['merge-base', 'HEAD', branch], {
      cwd: projectFolder,
    });
    if (code === 0) return output.trim();
  }
  return 'HEAD';
}

/** Runs each step, whether those before it passed or not, until an interruption. */
async function runStages(
  stages: Stage[],
  env: NodeJS.ProcessEnv,
  reportFolder: string,
): Promise<StepResult[]> {
  let isInterrupted = false;
  onInterruption(() => {
    isInterrupted = true;
  });
  const results: StepResult[] = [];
  for (const stage of stages) {
    const options = { env, reportFolder, isForeground: stage.length === 1 };
    const running = stage.map(async (step): Promise<StepResult> => {
      const needed = results.find((result) => result.step.name === step.needs);
      if (isInterrupted || needed?.report?.failed) return { step, durationMs: 0, report: null };
      const startedAt = performance.now();
      const report = await runStep(step, options);
      return { step, durationMs: performance.now() - startedAt, report };
    });
    results.push(...(await Promise.all(running)));
  }
  return results;
}
