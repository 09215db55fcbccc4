import { existsSync, readFileSync } from 'node:fs';

/** Package manager families that setup can give commands for. */
export type Distribution = 'debian' | 'fedora' | 'arch' | 'macos' | 'windows' | 'other';

export interface Host {
  distribution: Distribution;
  isRoot: boolean;
  /** Whether a display for windows is available. */
  hasDisplay: boolean;
}

export function readHost(env: NodeJS.ProcessEnv = process.env): Host {
  return {
    distribution: readDistribution(),
    isRoot: process.getuid?.() === 0,
    hasDisplay: process.platform !== 'linux' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY),
  };
}

/** Whether setup may install packages. On other hosts it only prints what to install. */
export function canInstall(host: Host): boolean {
  return host.distribution === 'debian' && host.isRoot;
}

function readDistribution(): Distribution {
  if (process.platform === 'darwin') return 'macos';
  if (process.platform === 'win32') return 'windows';
  const file = '/etc/os-release';
  return existsSync(file) ? distributionOf(readFileSync(file, 'utf8')) : 'other';
}

/** Parses os-release(5): `ID` is the distribution, `ID_LIKE` its relatives. */
export function distributionOf(osRelease: string): Distribution {
  const words = [...osRelease.matchAll(/^(?:ID|ID_LIKE)=(.*)$/gm)].flatMap(([, value]) =>
    (value ?? '').replaceAll(/["']/g, '').split(/\s+/),
  );
  const families = {
    debian: 'debian',
    ubuntu: 'debian',
    fedora: 'fedora',
    rhel: 'fedora',
  } as const;
  for (const word of words) {
    if (word in families) return families[word as keyof typeof families];
    if (word === 'arch') return 'arch';
  }
  return 'other';
}
