import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Host } from '../host/host';
import { SetupError } from '../lib/status';

/**
 * Electron arguments for this host. Chromium refuses to run as root with its sandbox.
 *
 * @throws SetupError if the sandbox is unavailable to an ordinary user, with the remedy
 */
export function sandboxArguments(host: Host, executable: string): string[] {
  if (process.platform !== 'linux') return [];
  if (host.isRoot) return ['--no-sandbox'];
  const helper = join(dirname(executable), 'chrome-sandbox');
  if (usersMayMakeNamespaces() || isSetuidRoot(helper)) return [];
  throw new SetupError(
    [
      'This system does not allow unprivileged user namespaces, which Electron needs for its sandbox.',
      'Make its sandbox helper setuid root instead:',
      `  sudo chown root:root '${helper}' && sudo chmod 4755 '${helper}'`,
    ].join('\n'),
  );
}

/**
 * Switches of Debian (older kernels), the kernel and Ubuntu 24.04 for unprivileged user namespaces.
 */
function usersMayMakeNamespaces(): boolean {
  return (
    readSetting('kernel/unprivileged_userns_clone') !== '0' &&
    readSetting('user/max_user_namespaces') !== '0' &&
    readSetting('kernel/apparmor_restrict_unprivileged_userns') !== '1'
  );
}

function readSetting(name: string): string | null {
  try {
    return readFileSync(`/proc/sys/${name}`, 'utf8').trim();
  } catch {
    return null;
  }
}

function isSetuidRoot(file: string): boolean {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats !== undefined && stats.uid === 0 && (stats.mode & 0o4000) !== 0;
}
