import {
  type ElectronBinary,
  electronNodeApi,
  findElectron,
  prepareElectron,
} from './binaries/electronBinary';
import { prepareSqlite, sqliteRequirements } from './binaries/sqliteBuild';
import { dockerRequirements, prepareDocker } from './host/dockerEngine';
import type { Host } from './host/host';
import { provide } from './host/packages';
import {
  dockerEngine,
  electronLibraries,
  type Requirement,
  testTools,
  virtualDisplay,
} from './host/requirements';
import { SetupError } from './lib/status';

const nodeApi = Number(process.versions.napi);

/** Makes the host ready to show the app's window. */
export async function prepareForWindow(host: Host): Promise<ElectronBinary> {
  if (isOptedOut()) return await findElectron();
  await provide(host, [
    ...windowRequirements(),
    ...(host.hasDisplay ? [] : virtualDisplay),
    ...(await dockerRequirements(host)),
    ...sqliteRequirements(nodeApi),
  ]);
  const electron = await prepareBinaries(host);
  await prepareDocker(host);
  return electron;
}

/** Makes the host ready to run the engine without a window, in plain Node. */
export async function prepareForHeadless(host: Host): Promise<void> {
  if (isOptedOut()) return;
  await provide(host, [...(await dockerRequirements(host)), ...sqliteRequirements(nodeApi)]);
  await prepareSqlite(host, nodeApi);
  await prepareDocker(host);
}

/** Makes the host ready for tests, which bring up a Docker daemon and a display of their own. */
export async function prepareForTests(host: Host): Promise<ElectronBinary> {
  if (isOptedOut()) return await findElectron();
  if (process.platform !== 'linux' || !host.isRoot) throw new SetupError(TESTS_ELSEWHERE);
  await provide(host, [
    ...dockerEngine,
    ...virtualDisplay,
    ...electronLibraries,
    ...testTools,
    ...sqliteRequirements(nodeApi),
  ]);
  return await prepareBinaries(host);
}

/** The tests' daemon wants a file system of its own for images: overlays don't nest. */
const TESTS_ELSEWHERE = `The tests start a Docker daemon of their own, for which they must be root on Linux.
Anywhere else they run in a container:
  docker run --rm --init --privileged --cgroupns=host -v /tmp -v /src/node_modules \\
    -v "$PWD":/src -w /src node:22-bookworm sh -c 'npm ci && npm test'`;

/** `SANDGLASS_NO_SETUP=1`: nothing is looked at, nothing is installed. */
function isOptedOut(): boolean {
  return Boolean(process.env.SANDGLASS_NO_SETUP);
}

/** macOS and Windows have all that Electron needs. */
function windowRequirements(): Requirement[] {
  return process.platform === 'linux' ? electronLibraries : [];
}

async function prepareBinaries(host: Host): Promise<ElectronBinary> {
  // Side by side, since one waits for the network and the other for the processor.
  const [electron] = await Promise.all([prepareElectron(), prepareSqlite(host, nodeApi)]);
  await prepareSqlite(host, electronNodeApi(electron));
  return electron;
}
