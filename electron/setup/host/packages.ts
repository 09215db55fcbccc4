import { run, tail } from '../lib/processes';
import { printStatus, SetupError } from '../lib/status';
import { canInstall, type Distribution, type Host } from './host';
import type { Requirement } from './requirements';

/** Requirements that this host does not meet. */
export async function missing(requirements: Requirement[]): Promise<Requirement[]> {
  const met = await Promise.all(requirements.map((requirement) => requirement.isMet()));
  return requirements.filter((_, index) => !met[index]);
}

/**
 * Installs missing requirements in one step where setup may do so.
 *
 * @throws SetupError on other hosts, with the packages and the command to install them
 */
export async function provide(host: Host, requirements: Requirement[]): Promise<void> {
  const unmet = await missing(requirements);
  if (unmet.length === 0) return;
  if (!canInstall(host)) throw new SetupError(await explainMissing(host, unmet));
  await installWithApt(unmet);
}

/** Message that lists missing software and how to install it. */
export async function explainMissing(host: Host, unmet: Requirement[]): Promise<string> {
  const names = unmet.map(({ what }) => what).join(', ');
  const command = await installCommand(host.distribution, unmet);
  const advice = command ? `Install it with:\n  ${command}` : 'Install it, then try again.';
  return `Missing on this host: ${names}.\n${advice}`;
}

async function installCommand(
  distribution: Distribution,
  unmet: Requirement[],
): Promise<string | null> {
  const packages = unmet.map((requirement) => requirement.packages);
  switch (distribution) {
    case 'debian':
      return `sudo apt-get install ${(await debianNames(unmet)).join(' ')}`;
    case 'fedora':
      return `sudo dnf install ${packages.map(({ fedora }) => fedora).join(' ')}`;
    case 'arch':
      return `sudo pacman -S ${packages.map(({ arch }) => arch).join(' ')}`;
    default:
      return null;
  }
}

/** Non-interactive apt without service restarts, with English output for parsing. */
const APT_ENVIRONMENT = {
  DEBIAN_FRONTEND: 'noninteractive',
  NEEDRESTART_MODE: 'l',
  LC_ALL: 'C',
};

async function installWithApt(unmet: Requirement[]): Promise<void> {
  let names = await debianNames(unmet);
  printStatus(`Installing ${names.join(', ')} with apt-get …`);
  if ((await aptInstall(names)).code === 0) return;
  printStatus('Updating the package lists …');
  await run('apt-get', ['update', '-q'], { env: APT_ENVIRONMENT });
  // With empty package lists, the first lookup could not choose between alternative names.
  names = await debianNames(unmet);
  const { code, output } = await aptInstall(names);
  if (code !== 0) {
    throw new SetupError(`${tail(output)}\napt-get could not install ${names.join(', ')}.`);
  }
}

function aptInstall(names: string[]): ReturnType<typeof run> {
  const args = ['install', '-y', '-q', '--no-install-recommends'];
  // Another apt-get, e.g. unattended-upgrades, may hold the lock.
  const options = ['-o', 'DPkg::Lock::Timeout=300'];
  return run('apt-get', [...args, ...options, ...names], { env: APT_ENVIRONMENT });
}

/** For each requirement, the first alternative name that this release provides. */
async function debianNames(unmet: Requirement[]): Promise<string[]> {
  const choices = unmet.map(({ packages }) => [packages.debian].flat());
  const { output } = await run('apt-cache', ['policy', ...choices.flat()], {
    env: APT_ENVIRONMENT,
  });
  const available = new Set(
    // Purely virtual packages have no candidate.
    [...output.matchAll(/^(\S+):\n.*\n +Candidate: (?!\(none\))/gm)].map(([, name]) => name),
  );
  return choices.map(
    (names) => names.find((name) => available.has(name)) ?? names[names.length - 1] ?? '',
  );
}
