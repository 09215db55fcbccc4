import { BlockList, isIPv4, isIPv6 } from 'node:net';
import picomatch from 'picomatch';
import { type HostPattern, parseHostPattern } from '#shared/hostPatterns';

/** Where a request wants to go. */
export interface Destination {
  /** A name or an address, in small letters, without brackets or a last dot. */
  host: string;
  port: number;
  /** What the name resolves to; connections go there and nowhere else. */
  addresses: string[];
}

/** What a pattern without a port means in an allow list: HTTP and HTTPS. */
const webPorts = new Set([80, 443]);

export function matchesHost(text: string, destination: Destination): boolean {
  const pattern = parseHostPattern(text);
  if (!pattern || (pattern.port !== null && pattern.port !== destination.port)) return false;
  return matchesName(pattern, destination) || matchesAddress(pattern, destination);
}

/** As `matchesHost`, where a port that is not named has to be one of the web. */
export function isAllowed(text: string, destination: Destination): boolean {
  const isNamed = parseHostPattern(text)?.port !== null;
  return (isNamed || webPorts.has(destination.port)) && matchesHost(text, destination);
}

function matchesName(pattern: HostPattern, { host }: Destination): boolean {
  if (pattern.kind === 'name') return picomatch.isMatch(host, pattern.glob, { dot: true });
  return pattern.kind === 'expression' && pattern.expression.test(host);
}

/** One address of several is enough to be denied, and connections go to one that matches. */
function matchesAddress(pattern: HostPattern, { addresses }: Destination): boolean {
  if (pattern.kind !== 'address' && pattern.kind !== 'range') return false;
  return addresses.some((address) => isWithin(pattern, address));
}

/** The addresses of a destination that a pattern names; all of them for a pattern of names. */
export function matchingAddresses(text: string, destination: Destination): string[] {
  const pattern = parseHostPattern(text);
  if (!pattern || !matchesHost(text, destination)) return [];
  if (pattern.kind !== 'address' && pattern.kind !== 'range') return destination.addresses;
  return destination.addresses.filter((address) => isWithin(pattern, address));
}

function isWithin(
  pattern: Extract<HostPattern, { kind: 'address' | 'range' }>,
  address: string,
): boolean {
  const list = new BlockList();
  const family = isIPv4(pattern.address) ? 'ipv4' : 'ipv6';
  if (pattern.kind === 'address') list.addAddress(pattern.address, family);
  else list.addSubnet(pattern.address, pattern.bits, family);
  return isIn(list, address);
}

/** Loopback, "this host" and link-local (RFC 6890): this computer's own, and a cloud's metadata. */
const reserved = new BlockList();
reserved.addSubnet('127.0.0.0', 8, 'ipv4');
reserved.addSubnet('0.0.0.0', 8, 'ipv4');
reserved.addSubnet('169.254.0.0', 16, 'ipv4');
reserved.addAddress('::1', 'ipv6');
reserved.addAddress('::', 'ipv6');
reserved.addSubnet('fe80::', 10, 'ipv6');

export function isReserved(address: string): boolean {
  return isIn(reserved, address);
}

function isIn(list: BlockList, address: string): boolean {
  // An IPv4 address in IPv6's clothes is that address.
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return list.check(mapped, 'ipv4');
  return list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}
