import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cacheFolder } from '../binaries/cache';
import { findCommand, run, tail } from '../lib/processes';
import { printStatus } from '../lib/status';
import { canInstall, type Host } from './host';
import { explainMissing, missing } from './packages';
import { dockerEngine, type Requirement } from './requirements';

const DEFAULT_SOCKET = '/var/run/docker.sock';
/**
 * Milliseconds until dockerd must respond. Usually 1-3 s; a first start on a slow disk takes
 * longest.
 */
const START_TIMEOUT_MS = 30_000;

/** Requirements of `prepareDocker`. */
export async function dockerRequirements(host: Host): Promise<Requirement[]> {
  return canInstall(host) && (await isEngineMissing()) ? dockerEngine : [];
}

/**
 * Ensures that Docker is running on hosts that this project may change. Elsewhere, and on failure,
 * prints advice only: the app has its own page for a missing engine.
 */
export async function prepareDocker(host: Host): Promise<void> {
  // On hosts with a service manager, installing the package has started the engine.
  if (!(await isEngineMissing())) return;
  if (!canInstall(host)) {
    const unmet = await missing(dockerEngine);
    if (unmet.length > 0 && !hasOtherEngine()) printStatus(await howToInstall(host));
  } else if (existsSync('/run/systemd/system')) {
    await startWithSystemd();
  } else {
    await startDaemon();
  }
}

async function isEngineMissing(): Promise<boolean> {
  return !isChosenByUser() && !(await isResponding());
}

/** The user selected an engine explicitly and is responsible for starting it. */
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

/** Whether another tool may provide the engine, e.g. Docker Desktop or Podman. */
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
  printStatus('Starting Docker (systemctl start docker) …');
  const { code, output } = await run('systemctl', ['start', 'docker']);
  if (code !== 0) printStatus(`Docker failed to start:\n${tail(output, 5)}`);
}

async function startDaemon(): Promise<void> {
  const logFile = join(cacheFolder(), 'dockerd.log');
  mkdirSync(cacheFolder(), { recursive: true });
  const log = openSync(logFile, 'a');
  const daemon = spawn(findCommand('dockerd') ?? 'dockerd', [], {
    detached: true,
    stdio: ['ignore', log, log],
  });
  daemon.on('error', (error) => printStatus(`Docker failed to start: ${error.message}`));
  daemon.unref();
  printStatus(
    `Starting Docker in the background (log: ${logFile}; stop it with: kill ${daemon.pid}) …`,
  );
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await isResponding())) {
    if (daemon.exitCode !== null || Date.now() > deadline) {
      printStatus(`Docker failed to start:\n${tail(readFileSync(logFile, 'utf8'), 5)}`);
      return;
    }
    await sleep(100);
  }
}

function isResponding(): Promise<boolean> {
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
