import { z } from 'zod';

/**
 * Pattern for destinations in access lists and rules, with the syntax of the hosted service: a name
 * (`api.github.com`), a glob (`*.github.com`), an address, a range (`10.0.0.0/8`) or a regular
 * expression (`~^api\d\.`), each with an optional port.
 */
export type HostPattern = { port: number | null } & (
  | { kind: 'name'; glob: string }
  | { kind: 'address'; address: string }
  | { kind: 'range'; address: string; bits: number }
  | { kind: 'expression'; source: string }
);

const addressSchema = z.union([z.ipv4(), z.ipv6()]);
const rangeSchema = z.union([z.cidrv4(), z.cidrv6()]);
const globSchema = z.string().regex(/^[a-z0-9*?_.-]+$/);

/** Parses a pattern; null if it is invalid. */
export function parseHostPattern(text: string): HostPattern | null {
  if (text.startsWith('~')) {
    const source = text.slice(1);
    return isExpression(source) ? { kind: 'expression', source, port: null } : null;
  }
  const { host, port } = splitPort(text);
  if (port !== null && (port < 1 || port > 65_535)) return null;
  if (addressSchema.safeParse(host).success) return { kind: 'address', address: host, port };
  if (rangeSchema.safeParse(host).success) {
    const [address = '', bits] = host.split('/');
    return { kind: 'range', address, bits: Number(bits), port };
  }
  const glob = host.toLowerCase();
  return globSchema.safeParse(glob).success ? { kind: 'name', glob, port } : null;
}

function splitPort(text: string): { host: string; port: number | null } {
  const bracketed = /^\[([^\]]+)\](?::(\d+))?$/.exec(text);
  const plain = bracketed ?? /^([^:]+)(?::(\d+))?$/.exec(text);
  if (!plain) return { host: text, port: null };
  const [, host = '', port] = plain;
  return { host, port: port === undefined ? null : Number(port) };
}

/**
 * Syntax check only. The engine further restricts expressions to those it can match in linear time.
 */
function isExpression(source: string): boolean {
  try {
    return source !== '' && Boolean(new RegExp(source));
  } catch {
    return false;
  }
}
