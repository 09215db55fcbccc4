import { spawnSync } from 'node:child_process';

const bus = 'org.kde.StatusNotifierWatcher';
const path = '/StatusNotifierWatcher';
const get = 'org.freedesktop.DBus.Properties.Get';
const property = 'IsStatusNotifierHostRegistered';

/** Equivalent D-Bus queries for the tools that desktops ship. */
const queries: [command: string, ...args: string[]][] = [
  [
    'gdbus',
    'call',
    '--session',
    '--dest',
    bus,
    '--object-path',
    path,
    '--method',
    get,
    bus,
    property,
  ],
  ['busctl', '--user', 'get-property', bus, path, bus, property],
  [
    'dbus-send',
    ...['--session', '--print-reply=literal', `--dest=${bus}`, path, get],
    ...[`string:${bus}`, `string:${property}`],
  ],
];

/** Milliseconds a query may take; usually 10. An unresponsive desktop must not block the app. */
const QUERY_TIMEOUT_MS = 1000;

/**
 * Whether the desktop shows tray icons. macOS and Windows always do. On Linux it depends on the
 * desktop, and Electron's tray is silently invisible without support.
 */
export function hasTrayHost(): boolean {
  if (process.platform !== 'linux') return true;
  for (const [command, ...args] of queries) {
    const { error, stdout } = spawnSync(command, args, {
      timeout: QUERY_TIMEOUT_MS,
      encoding: 'utf8',
    });
    if ((error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') continue;
    return /\btrue\b/.test(stdout);
  }
  return false;
}
