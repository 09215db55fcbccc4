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

/** Refusal of a request, with the message for the sandbox. */
export class EgressRefusal extends Error {
  constructor(
    /** Status code of the response. */
    readonly status: 400 | 403 | 405 | 421 | 502,
    message: string,
  ) {
    super(message);
  }
}

/** Docker's name for the host. */
const HOST_NAME = 'host.docker.internal';

/**
 * Resolves and checks the destination of a request. Connections use the checked addresses, which prevents
 * DNS rebinding. The host's loopback and link-local addresses and Docker networks require an allow list
 * with the address itself or `host.docker.internal`: a sandbox without a proxy cannot reach them, and
 * the owner of any other name could point it there.
 *
 * @throws EgressRefusal if it is not allowed or does not resolve
 */
export async function resolveDestination(
  requestedHost: string,
  port: number,
  access: StoredEgress['access'],
): Promise<Destination> {
  const host = requestedHost
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
  if (isOwn && !allowing.some((pattern) => isExact(pattern, place))) {
    throw new EgressRefusal(403, `${host} is an address of the host itself.`);
  }
  return { ...destination, addresses };
}

/**
 * Returns the patterns of an allow list that may allow a destination. Without one, the name is not even
 * resolved, because a DNS query could leak data.
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
  const message = `${host}:${port} is on the deny list of this sandbox (${denied}).`;
  throw new EgressRefusal(403, message);
}

function notAllowed({ host, port }: Place): EgressRefusal {
  return new EgressRefusal(403, `${host}:${port} is not on the allow list of this sandbox.`);
}

/** True for a pattern that names one address or the host, without wildcards or ranges. */
function isExact(pattern: string, place: Place): boolean {
  const isOne = isIP(place.host) !== 0 || place.host === HOST_NAME;
  return isOne && !/[*?~/]/.test(pattern) && matchesPlace(pattern, place);
}

async function resolve(host: string): Promise<string[]> {
  if (host === HOST_NAME) return ['127.0.0.1'];
  if (isIP(host)) return [host];
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch {
    throw new EgressRefusal(502, `The name ${host} cannot be resolved.`);
  }
}

/**
 * Returns loopback, "this network" and link-local addresses (RFC 6890), which include the metadata
 * services of clouds, and the host's container networks, which Docker isolates from each other.
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
    // Docker's bridges for user-defined networks.
    if (!name.startsWith('br-')) continue;
    for (const { cidr } of addresses ?? []) {
      const [subnet = '', bits] = cidr?.split('/') ?? [];
      if (bits) own.addSubnet(subnet, Number(bits), isIPv6(subnet) ? 'ipv6' : 'ipv4');
    }
  }
  return own;
}
