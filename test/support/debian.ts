import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Docker from 'dockerode';
import { cached } from '../../electron/setup/binaries/cache';
import { hasImage } from './images';

const exec = promisify(execFile);

export const DEBIAN_IMAGE = 'sandglass-test/debian:1';

/** Debian 12 with common development packages. A change must rename the cached folder. */
const SUITE = 'bookworm';
const PACKAGES = ['ca-certificates', 'git', 'python3-pip', 'python3-setuptools', 'python3-wheel'];

/** Imports a Debian image into a daemon. It is made from Debian's packages once, and cached. */
export async function importDebian(host: string): Promise<string> {
  const docker = new Docker({ socketPath: host.replace('unix://', '') });
  if (await hasImage(docker, DEBIAN_IMAGE)) return DEBIAN_IMAGE;
  const folder = await cached(`debian-${SUITE}-1`, async (made) => {
    const root = join(made, 'root');
    const include = `--include=${PACKAGES.join(',')}`;
    await exec('debootstrap', ['--variant=minbase', include, SUITE, root], { maxBuffer: 2 ** 26 });
    const left = ['./var/cache/apt/archives', './var/lib/apt/lists', './usr/share/doc', './dev'];
    const without = left.map((path) => `--exclude=${path}/*`);
    await exec('tar', ['-cf', join(made, 'root.tar'), ...without, '-C', root, '.']);
    await rm(root, { recursive: true });
  });
  const [repo, tag] = DEBIAN_IMAGE.split(':');
  const progress = await docker.importImage(join(folder, 'root.tar'), {
    repo,
    tag,
    changes: ['CMD ["/bin/bash"]', 'ENV PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
  });
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(progress, (error) => (error ? reject(error) : resolve()));
  });
  return DEBIAN_IMAGE;
}

/** Copies the host's Node and npm into a container. */
export async function addNode(host: string, containerId: string): Promise<void> {
  const { npm_execpath } = process.env;
  if (!npm_execpath) throw new Error('Node is put into an image with its npm: run this by npm.');
  const npm = join(npm_execpath, '..', '..');
  const archive = spawn('tar', [
    ...['-c', '--dereference', '--transform', `s,^${process.execPath.slice(1)}$,bin/node,`],
    ...['--transform', `s,^${npm.slice(1)},lib/npm,`, '-C', '/'],
    ...[process.execPath.slice(1), npm.slice(1)],
  ]);
  const docker = new Docker({ socketPath: host.replace('unix://', '') });
  await docker.getContainer(containerId).putArchive(archive.stdout, { path: '/usr/local' });
  if (archive.exitCode === null) await once(archive, 'exit');
}
