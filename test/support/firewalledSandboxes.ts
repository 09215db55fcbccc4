import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Docker from 'dockerode';
import type { OperationInputs } from '#shared/contract/index';
import { openEngine } from '../../electron/engine/engine';
import { startDockerd } from './dockerd';
import { importBusybox } from './images';
import { runInSandbox } from './runInSandbox';

/**
 * Prints as JSON which neighbours a sandbox with an access list reaches without the proxy, where Docker
 * sets its firewall rules. These are global, so it must run in a separate network namespace.
 */
async function reachable(): Promise<Record<string, string>> {
  await promisify(execFile)('ip', ['link', 'set', 'lo', 'up']);
  const daemon = await startDockerd({ args: ['--iptables=true', '--ip-forward=true'] });
  const home = await mkdtemp(join(tmpdir(), 'sandglass-home-'));
  const sandglass = openEngine({ home, env: { ...process.env, DOCKER_HOST: daemon.host } });
  const { engine, sandboxes, snapshots, tasks } = sandglass.operations;

  const boot = async (name: string, egress?: OperationInputs['sandboxes']['create']['egress']) => {
    const { task } = await sandboxes.create({ name, snapshotName: 'base', egress });
    await tasks.wait({ id: task.id });
  };
  const serve = async (sandbox: string) => {
    const command = 'mkdir -p /srv && echo reached > /srv/index.html && httpd -p 8000 -h /srv';
    await runInSandbox(sandglass, { sandbox, command });
    const docker = new Docker({ socketPath: daemon.host.replace('unix://', '') });
    const { id } = await sandboxes.get({ sandbox });
    const filters = { label: [`dev.sandglass.id=${id}`] };
    const [found] = await docker.listContainers({ filters });
    return Object.values(found?.NetworkSettings.Networks ?? {})[0]?.IPAddress ?? '';
  };
  /** Requests the address itself, as a program that ignores the proxy. */
  const ask = async (sandbox: string, address: string, tries = 1) => {
    const wget = `env -u http_proxy -u HTTP_PROXY timeout 2 wget -qO- http://${address}:8000/ || echo no`;
    let said = '';
    for (let left = tries; left > 0 && said !== 'reached'; left -= 1) {
      said = (await runInSandbox(sandglass, { sandbox, command: wget })).stdout.trim();
    }
    return said;
  };
  /** Retries where the address is reachable: two seconds may not suffice on a busy machine. */
  const askPatiently = (sandbox: string, address: string) => ask(sandbox, address, 15);

  try {
    const image = await importBusybox(daemon.host);
    await engine.retry();
    const { task } = await snapshots.create({ name: 'base', image });
    await tasks.wait({ id: task.id });
    await boot('neighbour');
    const neighbour = await serve('neighbour');
    const only = (host: string) => ({ access: { mode: 'allow' as const, hosts: [host] } });
    const listed = only('api.example.com');
    await boot('lax', only('*'));
    const lax = await serve('lax');
    await boot('box');
    const seen: Record<string, string> = { unlisted: await askPatiently('box', neighbour) };
    await sandboxes.update({ sandbox: 'box', egress: listed });
    seen.listed = await ask('box', neighbour);
    seen.otherListed = await ask('box', lax);
    await sandboxes.stop({ sandbox: 'box' });
    await sandboxes.start({ sandbox: 'box' });
    seen.listedAfterStart = await ask('box', neighbour);
    await boot('born-listed', listed);
    seen.bornListed = await ask('born-listed', neighbour);
    seen.fromOutside = await ask('neighbour', lax);
    await sandboxes.update({ sandbox: 'box', egress: null });
    seen.unlistedAgain = await askPatiently('box', neighbour);
    return seen;
  } finally {
    await sandglass.close();
    await daemon.stop();
    await rm(home, { recursive: true, force: true });
  }
}

console.log(JSON.stringify(await reachable()));
