import { join } from 'node:path';
import { run, runInForeground } from './lib/processes';
import { packageCommand, projectFolder } from './lib/project';
import {
  parsePlaywrightReport,
  parseVitestReport,
  type Report,
  reportOfCheck,
  reportOfRun,
} from './testReports';

export interface Step {
  name: string;
  /** The package and its command, with arguments. */
  command: [name: string, command: string, ...args: string[]];
  env?: NodeJS.ProcessEnv;
  /** Parses the step's JSON report; a step without one counts as one check. */
  parse?: (json: unknown) => Report;
  /** Whether a run without tests passes. */
  mayBeEmpty?: boolean;
  /** Name of a step that must have passed. */
  needs?: string;
}

/** Steps that run side by side. */
export type Stage = Step[];

const lint: Step = { name: 'format and lint', command: ['@biomejs/biome', 'biome', 'ci'] };
const types: Step = { name: 'types', command: ['typescript', 'tsc', '-b'] };
const build: Step = {
  name: 'build',
  command: ['electron-vite', 'electron-vite', 'build', '--logLevel', 'warn'],
};
const endToEnd: Step = {
  name: 'end to end',
  command: [
    ...(['@playwright/test', 'playwright', 'test', '-c', 'test/playwright.config.ts'] as const),
    '--reporter=list,json',
  ],
  parse: parsePlaywrightReport,
  needs: 'build',
};

function vitest(name: string, args: string[], more: Partial<Step> = {}): Step {
  return {
    name,
    command: [
      ...(['vitest', 'vitest', 'run', '-c', 'test/vitest.config.ts'] as const),
      ...['--reporter=default', '--reporter=json', ...args],
    ],
    parse: parseVitestReport,
    ...more,
  };
}

/** `npm test`; the quickest steps come first. */
export const allTests: Stage[] = [
  [lint, types, build],
  [vitest('unit and integration', [])],
  [endToEnd],
];

/** `npm run test:long`: the tests with the tag `long`, at their full length. */
export const longTests: Stage[] = [
  [vitest('long', ['--tags-filter=long'], { env: { SANDGLASS_LONG: '1' } })],
];

/** `npm run test:changed`: the tests that import a file changed since a commit. */
export function changedTests(commit: string): Stage[] {
  return [
    [lint, types],
    [vitest('unit and integration', [`--changed=${commit}`], { mayBeEmpty: true })],
  ];
}

/**
 * Runs a step, whose report goes into `reportFolder`. In the foreground it has this terminal;
 * otherwise its output is printed when it ends.
 */
export async function runStep(
  step: Step,
  options: { env: NodeJS.ProcessEnv; reportFolder: string; isForeground: boolean },
): Promise<Report> {
  const [name, command, ...args] = step.command;
  const report = join(options.reportFolder, `${name.replace('/', '-')}.json`);
  const reportArgs = name === 'vitest' ? [`--outputFile.json=${report}`] : [];
  const argv = [packageCommand(name, command), ...args, ...reportArgs];
  const env = { ...options.env, ...step.env, PLAYWRIGHT_JSON_OUTPUT_FILE: report };
  const heading = `\n── ${step.name}`;
  if (options.isForeground) console.log(heading);
  const exitCode = options.isForeground
    ? await runInForeground(process.execPath, argv, { cwd: projectFolder, env })
    : await runInBackground(heading, argv, env);
  if (!step.parse) return reportOfCheck(exitCode);
  return await reportOfRun(exitCode, report, step.parse, step.mayBeEmpty ?? false);
}

async function runInBackground(
  heading: string,
  argv: string[],
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const { code, output } = await run(process.execPath, argv, { cwd: projectFolder, env });
  process.stdout.write(`${heading}\n${output}`);
  return code;
}
