import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { RE2JS } from 're2js';
import { type HostPattern, parseHostPattern } from '#shared/hostPatterns';
import { matchesGlob } from './glob';

/** Where a request wants to go, as far as its own words tell. */
export interface Place {
  /** A name or an address, in small letters, without brackets or a last dot. */
  host: string;
  port: number;
}

export interface Destination extends Place {
  /** What the name resolves to; connections go there and nowhere else. */
  addresses: string[];
}

/** What a pattern without a port means in an allow list: HTTP and HTTPS. */
const webPorts = new Set([80, 443]);

export function matchesHost(text: string, destination: Destination): boolean {
  return matchesPlace(text, destination) || matchingAddresses(text, destination).length > 0;
}

/** By what is asked for alone: an address that a name resolves to is not looked at. */
export function matchesPlace(text: string, place: Place): boolean {
  const pattern = parsedFor(text, place.port);
  if (!pattern) return false;
  if (pattern.kind === 'name') return matchesGlob(pattern.glob, place.host);
  if (pattern.kind === 'expression') return matchesExpression(pattern.source, place.host);
  return isWithin(pattern, place.host);
}

/** The addresses of a destination that are in a pattern of addresses. */
export function matchingAddresses(text: string, { port, addresses }: Destination): string[] {
  const pattern = parsedFor(text, port);
  if (!pattern || !isOfAddresses(pattern)) return [];
  return addresses.filter((address) => isWithin(pattern, address));
}

/** Whether a pattern means a port in an allow list: where it names none, one of the web. */
export function allowsPort(text: string, port: number): boolean {
  const pattern = parseHostPattern(text);
  return pattern !== null && (pattern.port ?? (webPorts.has(port) ? port : null)) === port;
}

/** Whether a pattern names addresses: a name that resolves to one may be meant. */
export function namesAddresses(text: string): boolean {
  const pattern = parseHostPattern(text);
  return pattern !== null && isOfAddresses(pattern);
}

/** Whether an expression can be used: one that takes time without end for some name cannot. */
export function isUsable(text: string): boolean {
  if (!text.startsWith('~')) return parseHostPattern(text) !== null;
  try {
    compiled(text.slice(1));
    return true;
  } catch {
    return false;
  }
}

export function isIn(list: BlockList, address: string): boolean {
  // An IPv4 address in IPv6's clothes is that address.
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return list.check(mapped, 'ipv4');
  if (!isIPv4(address) && !isIPv6(address)) return false;
  return list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

type AddressPattern = Extract<HostPattern, { kind: 'address' | 'range' }>;

function isOfAddresses(pattern: HostPattern): pattern is AddressPattern & { port: number | null } {
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
    return compiled(source).matcher(host).find();
  } catch {
    return false;
  }
}

/** RE2: linear in the length of the name, which is the sandbox's to choose. */
function compiled(source: string): RE2JS {
  return RE2JS.compile(source, RE2JS.CASE_INSENSITIVE);
}
