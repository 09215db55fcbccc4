import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Host } from '../host/host';
import { provide } from '../host/packages';
import { compiler, type Requirement } from '../host/requirements';
import { run, tail } from '../lib/processes';
import { findPackage, packageCommand } from '../lib/project';
import { SetupError, say } from '../lib/say';
import { cached, cacheFolder } from './cache';

/** Where better-sqlite3 looks first, before the build that it ships. */
const BUILT = join('build', 'Release', 'better_sqlite3.node');
const sqlite = findPackage('better-sqlite3');
const target = join(sqlite.folder, BUILT);
/** The Node-API of the build that better-sqlite3 ships. */
const SHIPPED_NODE_API = 10;

/** What the host must have for `prepareSqlite`: a compiler, where there is no build to reuse. */
export function sqliteRequirements(nodeApi: number): Requirement[] {
  return needsBuild(nodeApi) && !existsSync(join(cacheFolder(), cacheName())) ? compiler : [];
}

/**
 * Gives better-sqlite3 a build for an old Node-API, on which the one that it ships crashes. The
 * build runs on newer ones too, so that Node and Electron may differ.
 */
export async function prepareSqlite(host: Host, nodeApi: number): Promise<void> {
  if (!needsBuild(nodeApi)) return;
  const folder = await cached(cacheName(), async (unfinished) => {
    await provide(host, compiler);
    say('Compiling better-sqlite3 for this version of Node (a minute or two, once) …');
    await compile(unfinished);
  });
  await mkdir(dirname(target), { recursive: true });
  // Under another name first: a copy that is interrupted must not pass for a build.
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

/** Compiles a copy of the package, so that the installed one is never half built. */
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
        // The sources ask for Node-API 10 for one function, which older versions have as an
        // experimental one; the last flag keeps the older rules about when finalizers may run.
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
      `${tail(output)}\nbetter-sqlite3 could not be compiled. With Node 22.14 or newer it need not be.`,
    );
  }
  await rename(join(copy, BUILT), join(folder, 'better_sqlite3.node'));
  await rm(join(folder, 'node_modules'), { recursive: true });
}

/** Node's own headers where they are installed with it; otherwise node-gyp downloads them. */
function installedHeaders(): string[] {
  const prefix = dirname(dirname(process.execPath));
  return existsSync(join(prefix, 'include/node/node_api.h')) ? [`--nodedir=${prefix}`] : [];
}
