import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type Docker from 'dockerode';
import { commitFiller } from './images';
import { freePort } from './ports';

export interface TestRegistry {
  /** `127.0.0.1:PORT`; the daemon accepts loopback addresses without TLS. */
  readonly address: string;
  stop(): Promise<void>;
}

export interface RegistryUser {
  username: string;
  password: string;
}

/** Starts a registry (CNCF distribution) on a free port; with a user, it requires that login. */
export async function startRegistry(user?: RegistryUser): Promise<TestRegistry> {
  const folder = await mkdtemp(join(tmpdir(), 'sandglass-registry-'));
  const address = `127.0.0.1:${await freePort()}`;
  const config = join(folder, 'config.yml');
  await writeFile(
    config,
    [
      'version: 0.1',
      'log: { level: error }',
      `storage: { filesystem: { rootdirectory: ${join(folder, 'data')} }, delete: { enabled: true } }`,
      `http: { addr: "${address}" }`,
      ...(user ? [await passwordFile(folder, user)] : []),
    ].join('\n'),
  );
  const registry = spawn('docker-registry', ['serve', config], { stdio: 'ignore' });
  await untilAnswers(address);
  return {
    address,
    stop: async () => {
      registry.kill();
      await once(registry, 'exit');
      await rm(folder, { recursive: true });
    },
  };
}

/** Writes a password file; the registry accepts only bcrypt. */
async function passwordFile(folder: string, { username, password }: RegistryUser): Promise<string> {
  const file = join(folder, 'htpasswd');
  const { stdout } = await promisify(execFile)('htpasswd', ['-Bbn', username, password]);
  await writeFile(file, stdout);
  return `auth: { htpasswd: { realm: tests, path: ${file} } }`;
}

/** Pushes a local image into the registry, and removes the tag that the push needed. */
export async function pushImage(
  docker: Docker,
  image: string,
  target: string,
  user?: RegistryUser,
): Promise<void> {
  const [repo, tag] = [target.slice(0, target.lastIndexOf(':')), target.split(':').at(-1)];
  await docker.getImage(image).tag({ repo, tag });
  const stream = await docker.getImage(target).push({
    authconfig: user ? { ...user, serveraddress: target.split('/')[0] ?? '' } : { auth: '' },
  });
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(stream, (error) => (error ? reject(error) : resolve()));
  });
  await docker.getImage(target).remove();
}

/** Pushes an image with 100 MB of its own, which takes a moment to pull. Returns its name. */
export async function pushBigImage(docker: Docker, registry: TestRegistry): Promise<string> {
  const image = `${registry.address}/big:1`;
  await commitFiller(docker, 'sandglass-test/big', 100);
  await pushImage(docker, 'sandglass-test/big:1', image);
  await docker.getImage('sandglass-test/big:1').remove();
  return image;
}

async function untilAnswers(address: string): Promise<void> {
  for (;;) {
    const answer = await fetch(`http://${address}/v2/`).catch(() => null);
    if (answer?.ok || answer?.status === 401) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
