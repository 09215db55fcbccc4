import { lookup } from 'node:dns/promises';
import { BlockList, isIP, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { StoredEgress } from './egressFile';
import {
  allowsPort,
  type Destination,
  isIn,
  matchesHost,
  matchesPlace,
  matchingAddresses,
  namesAddresses,
  type Place,
} from './hostMatch';

/** Why a request goes no further, as the sandbox is told it. */
export class EgressRefusal extends Error {
  constructor(
    /** Of the answer. */
    readonly status: 400 | 403 | 405 | 421 | 502,
    message: string,
  ) {
    super(message);
  }
}

/** Docker's name for the computer that a container runs on. */
const THIS_COMPUTER = 'host.docker.internal';

/**
 * Where a request may go: resolved once, checked, and connected to by address, so that a name cannot
 * mean something else a moment later. This computer's own loopback, link-local addresses and Docker
 * networks are reached only where an allow list names the address itself, or `host.docker.internal`: a
 * sandbox without a proxy does not reach them either, and any other name is its owner's to point there.
 *
 * @throws EgressRefusal
 */
export async function resolveDestination(
  wanted: string,
  port: number,
  access: StoredEgress['access'],
): Promise<Destination> {
  const host = wanted
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
  const place = { host, port };
  const allowing = allowingPatterns(place, access);
  const destination = { ...place, addresses: await resolve(host) };
  if (access?.mode === 'deny') refuseDenied(destination, access.hosts);
  const isNamed = allowing.some((pattern) => matchesPlace(pattern, place));
  const addresses =
    access?.mode !== 'allow' || isNamed
      ? destination.addresses
      : allowing.flatMap((pattern) => matchingAddresses(pattern, destination));
  if (addresses.length === 0) throw notAllowed(place);
  const own = ownAddresses();
  const isOwn = addresses.some((address) => isIn(own, address));
  if (isOwn && !allowing.some((pattern) => isExactly(pattern, place))) {
    throw new EgressRefusal(403, `${host} is an address of the host itself.`);
  }
  return { ...destination, addresses };
}

/**
 * What an allow list has for a place. Where that is nothing, the name is not even looked up: whoever
 * answers for it would be told something by the question.
 */
function allowingPatterns(place: Place, access: StoredEgress['access']): string[] {
  if (access?.mode !== 'allow') return [];
  const found = access.hosts.filter(
    (pattern) =>
      allowsPort(pattern, place.port) && (matchesPlace(pattern, place) || namesAddresses(pattern)),
  );
  if (found.length === 0) throw notAllowed(place);
  return found;
}

function refuseDenied(destination: Destination, patterns: string[]): void {
  const denied = patterns.find((pattern) => matchesHost(pattern, destination));
  if (denied === undefined) return;
  const { host, port } = destination;
  const said = `${host}:${port} is on the deny list of this sandbox (${denied}).`;
  throw new EgressRefusal(403, said);
}

function notAllowed({ host, port }: Place): EgressRefusal {
  return new EgressRefusal(403, `${host}:${port} is not on the allow list of this sandbox.`);
}

/** Names this computer and nothing else: an address of it, or Docker's own name for it. */
function isExactly(pattern: string, place: Place): boolean {
  const isOne = isIP(place.host) !== 0 || place.host === THIS_COMPUTER;
  return isOne && !/[*?~/]/.test(pattern) && matchesPlace(pattern, place);
}

async function resolve(host: string): Promise<string[]> {
  if (host === THIS_COMPUTER) return ['127.0.0.1'];
  if (isIP(host)) return [host];
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch {
    throw new EgressRefusal(502, `The name ${host} cannot be resolved.`);
  }
}

/**
 * Loopback, "this host" and link-local (RFC 6890), where clouds have their metadata; and the networks
 * that this computer has for containers: through it, one could reach what Docker keeps apart.
 */
function ownAddresses(): BlockList {
  const own = new BlockList();
  own.addSubnet('127.0.0.0', 8, 'ipv4');
  own.addSubnet('0.0.0.0', 8, 'ipv4');
  own.addSubnet('169.254.0.0', 16, 'ipv4');
  own.addAddress('::1', 'ipv6');
  own.addAddress('::', 'ipv6');
  own.addSubnet('fe80::', 10, 'ipv6');
  for (const [name, addresses] of Object.entries(networkInterfaces())) {
    // As Docker names the bridge of a network that is not its first.
    if (!name.startsWith('br-')) continue;
    for (const { cidr } of addresses ?? []) {
      const [subnet = '', bits] = cidr?.split('/') ?? [];
      if (bits) own.addSubnet(subnet, Number(bits), isIPv6(subnet) ? 'ipv6' : 'ipv4');
    }
  }
  return own;
}
