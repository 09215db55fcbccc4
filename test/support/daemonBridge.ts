import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { promisify } from 'node:util';
import pLimit from 'p-limit';

const exec = promisify(execFile);

export interface DaemonBridge {
  name: string;
  /** The bridge's address with the containers' subnet, in the form of dockerd's `--bip`. */
  cidr: string;
}

/** Subnets of the benchmark block (RFC 2544), which neither Docker nor home networks use. */
const SUBNETS = Array.from({ length: 256 }, (_, third) => `198.18.${third}`);

/** Serialises creation: each call must see the addresses of the previous ones. */
const oneAtATime = pLimit(1);

/** Creates a network bridge for one daemon: daemons that share `docker0` assign the same addresses. */
export function createBridge(name: string): Promise<DaemonBridge> {
  return oneAtATime(() => create(name));
}

async function create(name: string): Promise<DaemonBridge> {
  // os.networkInterfaces() omits interfaces without a carrier, such as unused bridges.
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
 * Allows forwarding within a bridge. The host's own Docker sets the FORWARD policy to DROP, and the tests'
 * daemons set no rules, so their containers would not reach each other.
 */
async function onFirewall(action: '-I' | '-D', bridge: string): Promise<void> {
  const rule = ['FORWARD', '-i', bridge, '-o', bridge, '-j', 'ACCEPT'];
  // Without iptables there is no rule to add or remove.
  await exec('iptables', ['-w', action, ...rule]).catch(() => undefined);
}

/** Removes a bridge, if it exists. */
export async function removeBridge(name: string): Promise<void> {
  await onFirewall('-D', name);
  await exec('ip', ['link', 'delete', name]).catch(() => undefined);
}
