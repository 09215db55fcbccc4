import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cacheFolder } from '../binaries/cache';
import { findCommand, run, tail } from '../lib/processes';
import { say } from '../lib/say';
import { canInstall, type Host } from './host';
import { explainMissing, missing } from './packages';
import { dockerEngine, type Requirement } from './requirements';

const DEFAULT_SOCKET = '/var/run/docker.sock';
/** dockerd answers after 1-3 s; the first start on a slow disk takes longest. */
const START_TIMEOUT_MS = 30_000;

/** What the host must have for `prepareDocker`. */
export async function dockerRequirements(host: Host): Promise<Requirement[]> {
  return canInstall(host) && (await isMissing()) ? dockerEngine : [];
}

/**
 * Makes sure that there is a Docker Engine where this project may start one. Elsewhere, and where
 * that fails, it is only said: the app has its own page for an engine that is missing.
 */
export async function prepareDocker(host: Host): Promise<void> {
  // Installing the package has started the engine, where services are run.
  if (!(await isMissing())) return;
  if (!canInstall(host)) {
    const lacking = await missing(dockerEngine);
    if (lacking.length > 0 && !hasOtherEngine()) say(await howToInstall(host));
  } else if (existsSync('/run/systemd/system')) {
    await startWithSystemd();
  } else {
    await startByHand();
  }
}

async function isMissing(): Promise<boolean> {
  return !isChosenByUser() && !(await answers());
}

/** The user has said which engine to use: it is theirs to start. */
function isChosenByUser(): boolean {
  if (process.env.DOCKER_HOST || process.env.DOCKER_CONTEXT) return true;
  const folder = process.env.DOCKER_CONFIG || join(homedir(), '.docker');
  try {
    const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));
    return config.currentContext !== undefined && config.currentContext !== 'default';
  } catch {
    return false;
  }
}

/** True where something else than dockerd may run the engine, e.g. Docker Desktop or Podman. */
function hasOtherEngine(): boolean {
  return findCommand('docker') !== null || findCommand('podman') !== null;
}

async function howToInstall(host: Host): Promise<string> {
  if (host.distribution === 'macos' || host.distribution === 'windows') {
    return 'No Docker found. Install Docker Desktop: https://docs.docker.com/get-docker/';
  }
  return await explainMissing(host, dockerEngine);
}

async function startWithSystemd(): Promise<void> {
  say('Starting Docker (systemctl start docker) …');
  const { code, output } = await run('systemctl', ['start', 'docker']);
  if (code !== 0) say(`Docker did not start:\n${tail(output, 5)}`);
}

async function startByHand(): Promise<void> {
  const logFile = join(cacheFolder(), 'dockerd.log');
  mkdirSync(cacheFolder(), { recursive: true });
  const log = openSync(logFile, 'a');
  const daemon = spawn(findCommand('dockerd') ?? 'dockerd', [], {
    detached: true,
    stdio: ['ignore', log, log],
  });
  daemon.on('error', (error) => say(`Docker did not start: ${error.message}`));
  daemon.unref();
  say(`Starting Docker, which stays (log: ${logFile}; stop it with: kill ${daemon.pid}) …`);
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await answers())) {
    if (daemon.exitCode !== null || Date.now() > deadline) {
      say(`Docker did not start:\n${tail(readFileSync(logFile, 'utf8'), 5)}`);
      return;
    }
    await sleep(100);
  }
}

function answers(): Promise<boolean> {
  return new Promise((resolve) => {
    const ping = request({ socketPath: DEFAULT_SOCKET, path: '/_ping', timeout: 2000 });
    ping.on('response', (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    ping.on('timeout', () => ping.destroy(new Error('timeout')));
    ping.on('error', () => resolve(false));
    ping.end();
  });
}
