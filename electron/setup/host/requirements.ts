import { findCommand, run } from '../lib/processes';

/** Package name or alternative names, as distributions rename packages between releases. */
type PackageNames = string | string[];

/** Software that the host must have. */
export interface Requirement {
  /** Name for hosts with an unknown package manager. */
  what: string;
  isMet: () => Promise<boolean>;
  packages: { debian: PackageNames; fedora: string; arch: string };
}

function command(name: string, packages: Requirement['packages']): Requirement {
  return { what: name, isMet: async () => findCommand(name) !== null, packages };
}

/** Shared library by its soname. */
function library(name: string, packages: Requirement['packages']): Requirement {
  return { what: name, isMet: async () => (await sharedLibraries()).includes(name), packages };
}

let libraries: Promise<string> | null = null;

/** Output of `ldconfig -p`, the cache of the dynamic linker. */
function sharedLibraries(): Promise<string> {
  libraries ??= run(findCommand('ldconfig') ?? 'ldconfig', ['-p']).then(({ output }) => output);
  return libraries;
}

/**
 * Libraries of Electron that server installations lack. GTK depends on the remaining ones (X11,
 * Cairo, Pango, ATK, CUPS, D-Bus and a font).
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

/** Compiler for better-sqlite3 where its prebuilt binary does not run. */
export const compiler: Requirement[] = [
  command('make', { debian: 'make', fedora: 'make', arch: 'make' }),
  command('g++', { debian: 'g++', fedora: 'gcc-c++', arch: 'gcc' }),
  command('python3', { debian: 'python3', fedora: 'python3', arch: 'python' }),
];

/** Tools of the test suite. */
export const testTools: Requirement[] = [
  // Root filesystem of the test image.
  {
    what: 'a static busybox in /bin/busybox',
    isMet: hasStaticBusybox,
    packages: { debian: 'busybox-static', fedora: 'busybox', arch: 'busybox' },
  },
  // Registry to pull from.
  command('docker-registry', {
    debian: 'docker-registry',
    fedora: 'docker-distribution',
    arch: 'docker-registry',
  }),
  // Users of the registry.
  command('htpasswd', { debian: 'apache2-utils', fedora: 'httpd-tools', arch: 'apache' }),
  // Untrusted certificates.
  command('openssl', { debian: 'openssl', fedora: 'openssl', arch: 'openssl' }),
  // Filesystem with quotas per container.
  command('mkfs.btrfs', { debian: 'btrfs-progs', fedora: 'btrfs-progs', arch: 'btrfs-progs' }),
  // Small filesystem for full-disk tests.
  command('mkfs.ext4', { debian: 'e2fsprogs', fedora: 'e2fsprogs', arch: 'e2fsprogs' }),
  // Root filesystem with package managers.
  command('debootstrap', { debian: 'debootstrap', fedora: 'debootstrap', arch: 'debootstrap' }),
  // Shell examples of the README.
  command('curl', { debian: 'curl', fedora: 'curl', arch: 'curl' }),
  // Pseudo-terminal for the CLI.
  command('python3', { debian: 'python3', fedora: 'python3', arch: 'python' }),
  // Repositories that sandboxes mount.
  command('git', { debian: 'git', fedora: 'git', arch: 'git' }),
  // Network bridge and mounts of the daemon.
  command('ip', { debian: 'iproute2', fedora: 'iproute', arch: 'iproute2' }),
  command('umount', { debian: 'mount', fedora: 'util-linux', arch: 'util-linux' }),
];

/** `ldd` fails for static binaries. */
async function hasStaticBusybox(): Promise<boolean> {
  const { code } = await run('/bin/busybox', ['true']);
  return code === 0 && (await run('ldd', ['/bin/busybox'])).code !== 0;
}
