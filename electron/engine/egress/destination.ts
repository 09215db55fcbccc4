import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { StoredEgress } from './egressFile';
import {
  type Destination,
  isAllowed,
  isReserved,
  matchesHost,
  matchingAddresses,
} from './hostMatch';

/** Why a request goes no further, as the sandbox is told it. */
export class EgressRefusal extends Error {
  constructor(
    /** Of the answer: 403 or 502. */
    readonly status: 403 | 502,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Where a request may go: resolved once, checked, and connected to by address, so that a name cannot
 * mean something else a moment later. This computer's own loopback and link-local addresses are reached
 * only where an allow list names them: a sandbox without a proxy does not reach them either.
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
  const destination = { host, port, addresses: await resolve(host) };
  const open = destination.addresses.filter((address) => !isReserved(address));
  const notHere = new EgressRefusal(403, `${host} is an address of the host itself.`);
  if (access === null) {
    if (open.length === 0) throw notHere;
    return { ...destination, addresses: open };
  }
  if (access.mode === 'deny') {
    const denied = access.hosts.find((pattern) => matchesHost(pattern, destination));
    if (denied !== undefined) {
      throw new EgressRefusal(
        403,
        `${host}:${port} is on the deny list of this sandbox (${denied}).`,
      );
    }
    if (open.length === 0) throw notHere;
    return { ...destination, addresses: open };
  }
  const allowing = access.hosts.filter((pattern) => isAllowed(pattern, destination));
  const addresses = new Set(allowing.flatMap((pattern) => named(pattern, destination, open)));
  if (addresses.size > 0) return { ...destination, addresses: [...addresses] };
  throw new EgressRefusal(403, `${host}:${port} is not on the allow list of this sandbox.`);
}

/** A glob does not open what is reserved: only the very name or address does. */
function named(pattern: string, destination: Destination, open: string[]): string[] {
  const addresses = matchingAddresses(pattern, destination);
  const isExact = !/[*?~]/.test(pattern);
  return isExact ? addresses : addresses.filter((address) => open.includes(address));
}

async function resolve(host: string): Promise<string[]> {
  if (isIP(host)) return [host];
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch {
    throw new EgressRefusal(502, `The name ${host} cannot be resolved.`);
  }
}
