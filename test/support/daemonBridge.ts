import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { promisify } from 'node:util';
import pLimit from 'p-limit';

const exec = promisify(execFile);

export interface DaemonBridge {
  name: string;
  /** Its own address and the containers' subnet in one, as dockerd's `--bip` would have it. */
  cidr: string;
}

/** From the block for benchmarks (RFC 2544), which neither Docker nor a home network uses. */
const SUBNETS = Array.from({ length: 256 }, (_, third) => `198.18.${third}`);

/** One after the other: each is to see the addresses of those before. */
const oneAtATime = pLimit(1);

/**
 * Makes a network bridge for one daemon, so that daemons side by side don't share `docker0` and hand
 * out the same addresses.
 */
export function createBridge(name: string): Promise<DaemonBridge> {
  return oneAtATime(() => create(name));
}

async function create(name: string): Promise<DaemonBridge> {
  // Node itself leaves out those without a carrier, as bridges are that nothing is plugged into.
  const { stdout: taken } = await exec('ip', ['-4', '-oneline', 'address']);
  const free = SUBNETS.filter((subnet) => !taken.includes(` ${subnet}.`));
  const subnet = free[randomInt(free.length)];
  await exec('ip', ['link', 'add', name, 'type', 'bridge']);
  const cidr = `${subnet}.1/24`;
  await exec('ip', ['address', 'add', cidr, 'dev', name]);
  // Another test worker may have taken the same subnet meanwhile.
  const { stdout: same } = await exec('ip', ['-4', '-oneline', 'address', 'show', 'to', cidr]);
  if (same.trim().split('\n').length > 1) {
    await exec('ip', ['link', 'delete', name]);
    return await create(name);
  }
  await exec('ip', ['link', 'set', name, 'up']);
  await onFirewall('-I', name);
  return { name, cidr };
}

/**
 * The host's own Docker has the firewall drop what is forwarded, also from one port of a bridge to
 * another, and the tests' daemons set no rules: containers of one would not reach each other.
 */
async function onFirewall(action: '-I' | '-D', bridge: string): Promise<void> {
  const rule = ['FORWARD', '-i', bridge, '-o', bridge, '-j', 'ACCEPT'];
  // Without iptables there is nothing that drops, and none to remove.
  await exec('iptables', ['-w', action, ...rule]).catch(() => undefined);
}

/** Removes a bridge; one that isn't there is no error. */
export async function removeBridge(name: string): Promise<void> {
  await onFirewall('-D', name);
  await exec('ip', ['link', 'delete', name]).catch(() => undefined);
}
