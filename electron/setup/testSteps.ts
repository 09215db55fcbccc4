import { join } from 'node:path';
import { runInForeground } from './lib/processes';
import { packageCommand, projectFolder } from './lib/project';
import {
  readPlaywrightReport,
  readVitestReport,
  type Tally,
  tallyOfCheck,
  tallyOfReport,
} from './testReports';

export interface Step {
  name: string;
  /** The package and its command, with arguments. */
  command: [name: string, command: string, ...args: string[]];
  /** Reads the step's JSON report; a step without one counts as one check. */
  readReport?: (report: unknown) => Tally;
  /** The step without which this one can't run. */
  needs?: string;
}

/** In an order that tells of the cheapest mistakes first. */
export const steps: Step[] = [
  { name: 'format and lint', command: ['@biomejs/biome', 'biome', 'ci'] },
  { name: 'types', command: ['typescript', 'tsc', '-b'] },
  {
    name: 'build',
    command: ['electron-vite', 'electron-vite', 'build', '--logLevel', 'warn'],
  },
  {
    name: 'unit and integration',
    command: [
      ...(['vitest', 'vitest', 'run', '-c', 'test/vitest.config.ts'] as const),
      ...['--reporter=default', '--reporter=json'],
    ],
    readReport: readVitestReport,
  },
  {
    name: 'end to end',
    command: [
      ...(['@playwright/test', 'playwright', 'test', '-c', 'test/playwright.config.ts'] as const),
      '--reporter=list,json',
    ],
    readReport: readPlaywrightReport,
    needs: 'build',
  },
];

/** Runs a step in the foreground; its report, if it writes one, goes into that folder. */
export async function runStep(
  step: Step,
  env: NodeJS.ProcessEnv,
  reportFolder: string,
): Promise<Tally> {
  const [name, command, ...args] = step.command;
  const report = join(reportFolder, `${name.replace('/', '-')}.json`);
  const reportArgs = name === 'vitest' ? [`--outputFile.json=${report}`] : [];
  const exitCode = await runInForeground(
    process.execPath,
    [packageCommand(name, command), ...args, ...reportArgs],
    { cwd: projectFolder, env: { ...env, PLAYWRIGHT_JSON_OUTPUT_FILE: report } },
  );
  if (!step.readReport) return tallyOfCheck(exitCode);
  return await tallyOfReport(exitCode, report, step.readReport);
}
