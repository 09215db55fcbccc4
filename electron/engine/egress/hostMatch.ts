import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { RE2JS } from 're2js';
import { type HostPattern, parseHostPattern } from '#shared/hostPatterns';
import { matchesGlob } from './glob';

/** Requested host and port. */
export interface Place {
  /** Lower-case name or address, without brackets or a trailing dot. */
  host: string;
  port: number;
}

export interface Destination extends Place {
  /** Resolved addresses, which connections are limited to. */
  addresses: string[];
}

/** Ports that an allow list's pattern without a port covers: HTTP and HTTPS. */
const webPorts = new Set([80, 443]);

export function matchesHost(text: string, destination: Destination): boolean {
  return matchesPlace(text, destination) || matchingAddresses(text, destination).length > 0;
}

/** Matches the requested name or address, ignoring the addresses that a name resolves to. */
export function matchesPlace(text: string, place: Place): boolean {
  const pattern = parsedFor(text, place.port);
  if (!pattern) return false;
  if (pattern.kind === 'name') return matchesGlob(pattern.glob, place.host);
  if (pattern.kind === 'expression') return matchesExpression(pattern.source, place.host);
  return isWithin(pattern, place.host);
}

/** Returns the resolved addresses within an address pattern. */
export function matchingAddresses(text: string, { port, addresses }: Destination): string[] {
  const pattern = parsedFor(text, port);
  if (!pattern || !isAddressPattern(pattern)) return [];
  return addresses.filter((address) => isWithin(pattern, address));
}

/** True if an allow list's pattern covers a port. Without a port, it covers 80 and 443. */
export function allowsPort(text: string, port: number): boolean {
  const pattern = parseHostPattern(text);
  return pattern !== null && (pattern.port ?? (webPorts.has(port) ? port : null)) === port;
}

/** True for a pattern of addresses, which names may resolve to. */
export function namesAddresses(text: string): boolean {
  const pattern = parseHostPattern(text);
  return pattern !== null && isAddressPattern(pattern);
}

/** True for a valid pattern. Regular expressions are limited to RE2, which runs in linear time. */
export function isValidPattern(text: string): boolean {
  if (!text.startsWith('~')) return parseHostPattern(text) !== null;
  try {
    compile(text.slice(1));
    return true;
  } catch {
    return false;
  }
}

export function isIn(list: BlockList, address: string): boolean {
  // IPv4-mapped IPv6 address (RFC 4291, 2.5.5.2).
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return list.check(mapped, 'ipv4');
  if (!isIPv4(address) && !isIPv6(address)) return false;
  return list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

type AddressPattern = Extract<HostPattern, { kind: 'address' | 'range' }>;

function isAddressPattern(
  pattern: HostPattern,
): pattern is AddressPattern & { port: number | null } {
  return pattern.kind === 'address' || pattern.kind === 'range';
}

function parsedFor(text: string, port: number): HostPattern | null {
  const pattern = parseHostPattern(text);
  return pattern && (pattern.port === null || pattern.port === port) ? pattern : null;
}

function isWithin(pattern: AddressPattern, address: string): boolean {
  const list = new BlockList();
  const family = isIPv4(pattern.address) ? 'ipv4' : 'ipv6';
  if (pattern.kind === 'address') list.addAddress(pattern.address, family);
  else list.addSubnet(pattern.address, pattern.bits, family);
  return isIn(list, address);
}

function matchesExpression(source: string, host: string): boolean {
  try {
    return compile(source).matcher(host).find();
  } catch {
    return false;
  }
}

/** Compiles with RE2, which is linear in the length of the name that a sandbox chooses. */
function compile(source: string): RE2JS {
  return RE2JS.compile(source, RE2JS.CASE_INSENSITIVE);
}
