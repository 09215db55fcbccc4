import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import Docker from 'dockerode';
import type { Package, PackageDifference } from '#shared/contract/contents';

const question = join(import.meta.dirname, 'packages.sh');

/** Packages of an image, as its package managers list them in a container; each version once. */
export async function expectedPackages(host: string, image: string): Promise<Package[]> {
  const lines = (await output(host, image, await readFile(question, 'utf8')))
    .split(/\r?\n/)
    .filter(Boolean);
  const found = new Map<string, Package>();
  for (const line of lines) {
    const entry = parse(line);
    if (entry) found.set(`${entry.manager} ${entry.name} ${entry.version}`, entry);
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
}

/** Packages whose versions differ between two images, by manager and name. */
export async function expectedPackageDifferences(
  host: string,
  before: string,
  after: string,
): Promise<PackageDifference[]> {
  const old = byName(await expectedPackages(host, before));
  const now = byName(await expectedPackages(host, after));
  return [...new Set([...old.keys(), ...now.keys()])].sort().flatMap((key) => {
    const [was = null, is = null] = [old.get(key), now.get(key)];
    if (was === is) return [];
    const [manager, name] = key.split(' ') as [Package['manager'], string];
    return [{ manager, name, before: was, after: is }];
  });
}

function byName(packages: Package[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const { manager, name, version } of packages) {
    const known = found.get(`${manager} ${name}`);
    found.set(`${manager} ${name}`, known ? `${known}, ${version}` : version);
  }
  return found;
}

function parse(line: string): Package | null {
  const [manager, name = '', version = ''] = line.split('\t');
  if (manager !== 'npm') return { manager: manager as Package['manager'], name, version };
  if (!/\/node_modules\/(@[^/]+\/)?[^/@.][^/]*\/package\.json$/.test(name)) return null;
  const found = JSON.parse(Buffer.from(version, 'base64').toString()) as Package;
  return { manager, name: found.name, version: found.version };
}

/** Runs a shell script in a container of the image. Returns its output to file descriptor 3. */
async function output(host: string, image: string, script: string): Promise<string> {
  const docker = new Docker({ socketPath: host.replace('unix://', '') });
  const container = await docker.createContainer({
    Image: image,
    // With a terminal the output is not multiplexed.
    Tty: true,
    Entrypoint: [],
    Cmd: ['sh', '-c', `exec 3>&1 >/dev/null 2>&1\n${script}`],
  });
  try {
    await container.start();
    await container.wait();
    return (await container.logs({ stdout: true })).toString('utf8');
  } finally {
    await container.remove();
  }
}
