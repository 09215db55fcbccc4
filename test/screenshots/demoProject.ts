import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const exec = promisify(execFile);

const sources = join(import.meta.dirname, 'project');

/** The folder of a Dockerfile that says something while it is built, and then waits. */
export const SERVICE_FOLDER = join(sources, 'service');

/**
 * Makes in a running sandbox what a user would have made there: a project in /srv/app with packages, and later
 * another state of it.
 */
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
  // What is in /tmp is not captured.
  for (const name of ['packages.sh', `${state}.sh`]) {
    await docker('cp', join(sources, name), `${container}:/tmp/${name}`);
  }
  await docker('exec', container, 'sh', `/tmp/${state}.sh`);
}
