import { findCommand, run } from '../lib/processes';

/** A package's name, or its names: distributions rename packages from one release to the next. */
type PackageNames = string | string[];

/** A piece of software that the host has or lacks. */
export interface Requirement {
  /** For a host without a package manager that this project knows. */
  what: string;
  isMet: () => Promise<boolean>;
  packages: { debian: PackageNames; fedora: string; arch: string };
}

function command(name: string, packages: Requirement['packages']): Requirement {
  return { what: name, isMet: async () => findCommand(name) !== null, packages };
}

/** A shared library, by the name that programs ask for it. */
function library(name: string, packages: Requirement['packages']): Requirement {
  return { what: name, isMet: async () => (await sharedLibraries()).includes(name), packages };
}

let libraries: Promise<string> | null = null;

/** What the dynamic linker finds. */
function sharedLibraries(): Promise<string> {
  libraries ??= run(findCommand('ldconfig') ?? 'ldconfig', ['-p']).then(({ output }) => output);
  return libraries;
}

/**
 * What Electron needs and a server installation lacks. The other libraries that it is linked with
 * come along with these (X11, cairo, pango, ATK, CUPS, D-Bus and a font with GTK).
 */
export const electronLibraries: Requirement[] = [
  library('libgtk-3.so.0', {
    debian: ['libgtk-3-0t64', 'libgtk-3-0'],
    fedora: 'gtk3',
    arch: 'gtk3',
  }),
  library('libnss3.so', { debian: 'libnss3', fedora: 'nss', arch: 'nss' }),
  library('libgbm.so.1', { debian: 'libgbm1', fedora: 'mesa-libgbm', arch: 'mesa' }),
  library('libasound.so.2', {
    debian: ['libasound2t64', 'libasound2'],
    fedora: 'alsa-lib',
    arch: 'alsa-lib',
  }),
];

export const virtualDisplay: Requirement[] = [
  command('Xvfb', { debian: 'xvfb', fedora: 'xorg-x11-server-Xvfb', arch: 'xorg-server-xvfb' }),
];

export const dockerEngine: Requirement[] = [
  command('dockerd', { debian: 'docker.io', fedora: 'moby-engine', arch: 'docker' }),
];

/** Builds better-sqlite3, where its own build does not run. */
export const compiler: Requirement[] = [
  command('make', { debian: 'make', fedora: 'make', arch: 'make' }),
  command('g++', { debian: 'g++', fedora: 'gcc-c++', arch: 'gcc' }),
  command('python3', { debian: 'python3', fedora: 'python3', arch: 'python' }),
];

/** What tests use besides a Docker daemon and a display of their own. */
export const testTools: Requirement[] = [
  // The root filesystem of the tests' image.
  {
    what: 'a static busybox in /bin/busybox',
    isMet: hasStaticBusybox,
    packages: { debian: 'busybox-static', fedora: 'busybox', arch: 'busybox' },
  },
  // A real registry to pull from.
  command('docker-registry', {
    debian: 'docker-registry',
    fedora: 'docker-distribution',
    arch: 'docker-registry',
  }),
  // The registry's users.
  command('htpasswd', { debian: 'apache2-utils', fedora: 'httpd-tools', arch: 'apache' }),
  // A certificate that nobody trusts.
  command('openssl', { debian: 'openssl', fedora: 'openssl', arch: 'openssl' }),
  // A filesystem that holds containers to a size.
  command('mkfs.btrfs', { debian: 'btrfs-progs', fedora: 'btrfs-progs', arch: 'btrfs-progs' }),
  // One that is soon full.
  command('mkfs.ext4', { debian: 'e2fsprogs', fedora: 'e2fsprogs', arch: 'e2fsprogs' }),
  // A root filesystem with package managers.
  command('debootstrap', { debian: 'debootstrap', fedora: 'debootstrap', arch: 'debootstrap' }),
  // The README's lines for a shell.
  command('curl', { debian: 'curl', fedora: 'curl', arch: 'curl' }),
  // A real terminal for the command line to run on.
  command('python3', { debian: 'python3', fedora: 'python3', arch: 'python' }),
  // The repositories that sandboxes mount.
  command('git', { debian: 'git', fedora: 'git', arch: 'git' }),
  // The daemon's network bridge, and its mounts.
  command('ip', { debian: 'iproute2', fedora: 'iproute', arch: 'iproute2' }),
  command('umount', { debian: 'mount', fedora: 'util-linux', arch: 'util-linux' }),
];

/** A file that the dynamic linker can list is not static. */
async function hasStaticBusybox(): Promise<boolean> {
  const { code } = await run('/bin/busybox', ['true']);
  return code === 0 && (await run('ldd', ['/bin/busybox'])).code !== 0;
}
