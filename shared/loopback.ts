/** Whether a host name always denotes this computer. IPv6 addresses are in brackets, as in URLs. */
export function isLoopbackName(name: string): boolean {
  return ['127.0.0.1', 'localhost', '[::1]'].includes(name.toLowerCase());
}

/**
 * Whether a `Host` header names this computer. Any other name may be a DNS name that resolves to
 * 127.0.0.1 (DNS rebinding). Includes `.localhost` (RFC 6761, 6.3).
 */
export function isLoopbackHost(host: string | undefined): boolean {
  const name = host?.replace(/:\d+$/, '').toLowerCase() ?? '';
  return isLoopbackName(name) || name.endsWith('.localhost');
}
