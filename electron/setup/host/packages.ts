import { run, tail } from '../lib/processes';
import { SetupError, say } from '../lib/say';
import { canInstall, type Distribution, type Host } from './host';
import type { Requirement } from './requirements';

/** The requirements that this host does not meet. */
export async function missing(requirements: Requirement[]): Promise<Requirement[]> {
  const met = await Promise.all(requirements.map((requirement) => requirement.isMet()));
  return requirements.filter((_, index) => !met[index]);
}

/**
 * Installs what is missing, in one step, on a host where this project may do so.
 *
 * @throws SetupError elsewhere, naming what to install and the command for it
 */
export async function provide(host: Host, requirements: Requirement[]): Promise<void> {
  const lacking = await missing(requirements);
  if (lacking.length === 0) return;
  if (!canInstall(host)) throw new SetupError(await explainMissing(host, lacking));
  await installWithApt(lacking);
}

/** What is missing and how to get it, for a person to read. */
export async function explainMissing(host: Host, lacking: Requirement[]): Promise<string> {
  const names = lacking.map(({ what }) => what).join(', ');
  const command = await installCommand(host.distribution, lacking);
  const advice = command ? `Install it with:\n  ${command}` : 'Install it and try again.';
  return `Missing on this host: ${names}.\n${advice}`;
}

async function installCommand(
  distribution: Distribution,
  lacking: Requirement[],
): Promise<string | null> {
  const packages = lacking.map((requirement) => requirement.packages);
  switch (distribution) {
    case 'debian':
      return `sudo apt-get install ${(await debianNames(lacking)).join(' ')}`;
    case 'fedora':
      return `sudo dnf install ${packages.map(({ fedora }) => fedora).join(' ')}`;
    case 'arch':
      return `sudo pacman -S ${packages.map(({ arch }) => arch).join(' ')}`;
    default:
      return null;
  }
}

/** No questions, no restarts of services, and English, to read apt's answers. */
const APT_ENVIRONMENT = {
  DEBIAN_FRONTEND: 'noninteractive',
  NEEDRESTART_MODE: 'l',
  LC_ALL: 'C',
};

async function installWithApt(lacking: Requirement[]): Promise<void> {
  let names = await debianNames(lacking);
  say(`Installing ${names.join(', ')} (Debian or Ubuntu, as root) …`);
  if ((await aptInstall(names)).code === 0) return;
  say('Updating the package lists …');
  await run('apt-get', ['update', '-q'], { env: APT_ENVIRONMENT });
  // A list that was empty did not know under which of its names a package goes.
  names = await debianNames(lacking);
  const { code, output } = await aptInstall(names);
  if (code !== 0) {
    throw new SetupError(`${tail(output)}\napt-get could not install ${names.join(', ')}.`);
  }
}

function aptInstall(names: string[]): ReturnType<typeof run> {
  const args = ['install', '-y', '-q', '--no-install-recommends'];
  // Another apt-get, e.g. the nightly upgrade, may be at work.
  const options = ['-o', 'DPkg::Lock::Timeout=300'];
  return run('apt-get', [...args, ...options, ...names], { env: APT_ENVIRONMENT });
}

/** Of each package's names, the first that this release of the distribution has. */
async function debianNames(lacking: Requirement[]): Promise<string[]> {
  const choices = lacking.map(({ packages }) => [packages.debian].flat());
  const { output } = await run('apt-cache', ['policy', ...choices.flat()], {
    env: APT_ENVIRONMENT,
  });
  const available = new Set(
    // A name that only other packages provide has no candidate of its own.
    [...output.matchAll(/^(\S+):\n.*\n +Candidate: (?!\(none\))/gm)].map(([, name]) => name),
  );
  return choices.map(
    (names) => names.find((name) => available.has(name)) ?? names[names.length - 1] ?? '',
  );
}
