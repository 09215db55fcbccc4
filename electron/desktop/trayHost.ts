import { spawnSync } from 'node:child_process';

const bus = 'org.kde.StatusNotifierWatcher';
const path = '/StatusNotifierWatcher';
const get = 'org.freedesktop.DBus.Properties.Get';
const property = 'IsStatusNotifierHostRegistered';

/** The same question to the session bus, by whichever tool the desktop has. */
const questions: [command: string, ...args: string[]][] = [
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

/** An answer takes some 10 ms; a desktop that hangs must not hang the app. */
const LONGEST_MS = 1000;

/**
 * True when the desktop shows tray icons. macOS and Windows always do; on Linux some desktops do
 * not, and Electron does not tell: its tray is then simply nowhere.
 */
export function hasTrayHost(): boolean {
  if (process.platform !== 'linux') return true;
  for (const [command, ...args] of questions) {
    const { error, stdout } = spawnSync(command, args, { timeout: LONGEST_MS, encoding: 'utf8' });
    if ((error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') continue;
    return /\btrue\b/.test(stdout);
  }
  return false;
}
