import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { promisify } from 'node:util';

const exec = promisify(execFile);

export interface DaemonBridge {
  name: string;
  /** Its own address and the containers' subnet in one, as dockerd's `--bip` would have it. */
  cidr: string;
}

/** From the block for benchmarks (RFC 2544), which neither Docker nor a home network uses. */
const SUBNETS = Array.from({ length: 256 }, (_, third) => `198.18.${third}`);

/**
 * Makes a network bridge for one daemon, so that daemons side by side don't share `docker0` and hand
 * out the same addresses.
 */
export async function createBridge(name: string): Promise<DaemonBridge> {
  const taken = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  const free = SUBNETS.filter((subnet) =>
    taken.every(({ address }) => !address.startsWith(`${subnet}.`)),
  );
  const subnet = free[randomInt(free.length)];
  await exec('ip', ['link', 'add', name, 'type', 'bridge']);
  const cidr = `${subnet}.1/24`;
  await exec('ip', ['address', 'add', cidr, 'dev', name]);
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
