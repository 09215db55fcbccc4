import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const exec = promisify(execFile);

const sources = join(import.meta.dirname, 'project');

/** Folder of a Dockerfile whose build prints lines and then waits. */
export const SERVICE_FOLDER = join(sources, 'service');

/** Writes a project with packages to /srv/app of a running sandbox, or a later state of it. */
export async function makeProject(
  host: string,
  sandbox: string,
  state: 'first' | 'tuned',
): Promise<void> {
  const docker = async (...args: string[]) =>
    (await exec('docker', args, { env: { ...process.env, DOCKER_HOST: host } })).stdout.trim();
  const container = await docker('ps', '-q', '--filter', `label=dev.sandglass.name=${sandbox}`);
  await docker('exec', container, 'mkdir', '-p', '/srv/app');
  await docker('cp', `${join(sources, state)}/.`, `${container}:/srv/app`);
  // A capture leaves out /tmp.
  for (const name of ['packages.sh', `${state}.sh`]) {
    await docker('cp', join(sources, name), `${container}:/tmp/${name}`);
  }
  await docker('exec', container, 'sh', `/tmp/${state}.sh`);
}
