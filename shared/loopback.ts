/**
 * Whether a `Host` header names this computer itself. A page of another name that resolves to 127.0.0.1
 * (DNS rebinding) is a stranger.
 */
export function isLoopbackHost(host: string | undefined): boolean {
  const name = host?.replace(/:\d+$/, '').toLowerCase() ?? '';
  return ['127.0.0.1', 'localhost', '[::1]'].includes(name) || name.endsWith('.localhost');
}
