import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Host } from '../host/host';
import { provide } from '../host/packages';
import { compiler, type Requirement } from '../host/requirements';
import { run, tail } from '../lib/processes';
import { findPackage, packageCommand } from '../lib/project';
import { printStatus, SetupError } from '../lib/status';
import { cached, cacheFolder } from './cache';

/** Path where better-sqlite3 looks first, before its prebuilt binaries. */
const BUILT = join('build', 'Release', 'better_sqlite3.node');
const sqlite = findPackage('better-sqlite3');
const target = join(sqlite.folder, BUILT);
/** Node-API version of the prebuilt binaries. */
const SHIPPED_NODE_API = 10;

/** Requirements of `prepareSqlite`: a compiler unless a cached build exists. */
export function sqliteRequirements(nodeApi: number): Requirement[] {
  return needsBuild(nodeApi) && !existsSync(join(cacheFolder(), cacheName())) ? compiler : [];
}

/**
 * Installs a build of better-sqlite3 for older Node-API versions, on which the prebuilt binary
 * crashes. The build also runs on newer versions, so Node and Electron may differ.
 *
 * @throws SetupError if compiling fails
 */
export async function prepareSqlite(host: Host, nodeApi: number): Promise<void> {
  if (!needsBuild(nodeApi)) return;
  const folder = await cached(cacheName(), async (unfinished) => {
    await provide(host, compiler);
    printStatus('Compiling better-sqlite3 for this version of Node (once, 1-2 minutes) …');
    await compile(unfinished);
  });
  await mkdir(dirname(target), { recursive: true });
  // Copies to a temporary name first, so that an interrupted copy is not taken for a build.
  const unfinished = `${target}.${process.pid}`;
  await copyFile(join(folder, 'better_sqlite3.node'), unfinished);
  await rename(unfinished, target);
}

function needsBuild(nodeApi: number): boolean {
  return nodeApi < SHIPPED_NODE_API && !existsSync(target);
}

function cacheName(): string {
  return `better-sqlite3-${sqlite.version}-${process.platform}-${process.arch}`;
}

/** Compiles a copy of the package, so that the installed one is never in an incomplete state. */
async function compile(folder: string): Promise<void> {
  const copy = join(folder, 'node_modules', 'better-sqlite3');
  await cp(sqlite.folder, copy, { recursive: true });
  const headers = findPackage('node-addon-api').folder;
  await cp(headers, join(folder, 'node_modules', 'node-addon-api'), { recursive: true });
  const nodeGyp = packageCommand('node-gyp', 'node-gyp');
  const { code, output } = await run(
    process.execPath,
    [nodeGyp, 'rebuild', '--release', '--force_build=1', '--jobs=max', ...installedHeaders()],
    {
      cwd: copy,
      env: {
        // The sources require Node-API 10 for one function, which older versions provide as
        // experimental. The last flag keeps the older rules for finalizers.
        CXXFLAGS: [
          '-UNAPI_VERSION',
          '-DNAPI_EXPERIMENTAL',
          '-DNODE_API_EXPERIMENTAL_NOGC_ENV_OPT_OUT',
        ].join(' '),
      },
    },
  );
  if (code !== 0) {
    throw new SetupError(
      `${tail(output)}\nCould not compile better-sqlite3. Node 22.14 or newer does not need this step.`,
    );
  }
  await rename(join(copy, BUILT), join(folder, 'better_sqlite3.node'));
  await rm(join(folder, 'node_modules'), { recursive: true });
}

/** Node headers installed with Node, if present. Otherwise node-gyp downloads them. */
function installedHeaders(): string[] {
  const prefix = dirname(dirname(process.execPath));
  return existsSync(join(prefix, 'include/node/node_api.h')) ? [`--nodedir=${prefix}`] : [];
}
