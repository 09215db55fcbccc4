import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { _electron, type ElectronApplication, type Page } from '@playwright/test';

const projectFolder = resolve(import.meta.dirname, '../../..');

export interface RunningApp {
  readonly app: ElectronApplication;
  readonly window: Page;
  readonly home: string;
  /** Quits the app as a user would; the home is kept for another start. */
  quit(): Promise<void>;
}

/** Starts the built app as `npm start` does, with a new home unless one is given. */
export async function startApp(options: {
  dockerHost: string;
  home?: string;
  env?: Record<string, string>;
}): Promise<RunningApp> {
  const home = options.home ?? (await newHome());
  const env = { ...variables(options.dockerHost, home), ...options.env };
  const app = await startElectron(projectFolder, env);
  return {
    app,
    window: await app.firstWindow({ timeout: 120_000 }),
    home,
    quit: () => app.close(),
  };
}

/**
 * Starts the app with a home in use, and waits for its end. Without Playwright, which throws for an app
 * that ends while it connects.
 */
export async function startSecondApp(dockerHost: string, home: string): Promise<unknown[]> {
  const env = environment(variables(dockerHost, home));
  const second = spawn(electronPath(), electronArguments(projectFolder), { env, stdio: 'ignore' });
  return await once(second, 'exit');
}

function variables(dockerHost: string, home: string): Record<string, string> {
  // Two apps at a time must not need the same port.
  return { SANDGLASS_HOME: home, DOCKER_HOST: dockerHost, SANDGLASS_API_PORT: '0' };
}

/** Starts Electron with the app in a folder. */
export async function startElectron(
  folder: string,
  env: Record<string, string>,
): Promise<ElectronApplication> {
  const app = await _electron.launch({
    executablePath: electronPath(),
    args: electronArguments(folder),
    env: environment(env),
    timeout: 120_000,
  });
  // The test's timeout is the limit.
  app.context().setDefaultTimeout(0);
  return app;
}

export function newHome(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'sandglass-home-'));
}

export async function removeHome(home: string): Promise<void> {
  await rm(home, { recursive: true, force: true });
}

/** Path of Electron as prepared for the tests, or as installed by npm. */
function electronPath(): string {
  const folder = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  const path = join(folder ?? join(projectFolder, 'node_modules/electron/dist'), 'electron');
  if (!existsSync(path)) throw new Error(`There is no Electron at ${path}. Run "npm test".`);
  return path;
}

/** Chromium's sandbox does not run as root. */
function electronArguments(folder: string): string[] {
  return [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), folder];
}

function environment(extra: Record<string, string>): Record<string, string> {
  const inherited = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return { ...Object.fromEntries(inherited), ...extra };
}
