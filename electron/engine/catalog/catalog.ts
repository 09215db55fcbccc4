import { accessSync, constants, existsSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { SandglassError } from '#shared/errors';
import { closeDatabase } from '../lib';
import { Favourites } from './favourites';
import { ImageLayerRepository } from './imageLayerRepository';
import { type Migration, migrations } from './migrations';
import { PendingCleanupRepository } from './pendingCleanupRepository';
import { SandboxRepository } from './sandboxRepository';
import { SnapshotRepository } from './snapshotRepository';
import { TaskRepository } from './taskRepository';

/**
 * SQLite index of the snapshots and sandboxes in Docker, and data that Docker cannot store. It is rebuilt
 * from labels, so its loss loses no snapshot and no sandbox.
 */
export interface Catalog {
  snapshots: SnapshotRepository;
  sandboxes: SandboxRepository;
  tasks: TaskRepository;
  pendingCleanups: PendingCleanupRepository;
  imageLayers: ImageLayerRepository;
  /** In a file of its own, outside of the database. */
  favourites: Favourites;
  close(): void;
}

/**
 * Opens the catalog and migrates it, after a backup to `<file>.v<N>.backup`.
 *
 * @throws SandglassError `catalog_newer` for one of a newer Sandglass, `catalog_broken` if it cannot be
 * read or a migration fails (which changes nothing), `conflict` if another process has it open
 */
export function openCatalog(file: string, steps: readonly Migration[] = migrations): Catalog {
  const database = openDatabase(file);
  try {
    migrate(database, file, steps);
  } catch (thrown) {
    database.close();
    throw thrown;
  }
  const favourites = new Favourites(join(dirname(file), 'favourites.json'));
  return {
    snapshots: new SnapshotRepository(database, (id) => favourites.has(id)),
    sandboxes: new SandboxRepository(database),
    tasks: new TaskRepository(database),
    pendingCleanups: new PendingCleanupRepository(database),
    imageLayers: new ImageLayerRepository(database),
    favourites,
    close: () => closeDatabase(database),
  };
}

/** Opens the database. A damaged file is kept under another name, and a new catalog begun. */
function openDatabase(file: string): Database.Database {
  try {
    return openFile(file);
  } catch (thrown) {
    const code = ((thrown as SandglassError).cause as { code?: string })?.code ?? '';
    if (!/^SQLITE_(CORRUPT|NOTADB)/.test(code)) throw thrown;
    const suffix = `.broken-${Date.now()}`;
    for (const part of ['', '-wal', '-shm']) {
      if (existsSync(file + part)) renameSync(file + part, file + suffix + part);
    }
    return openFile(file);
  }
}

function openFile(file: string): Database.Database {
  let database: Database.Database;
  try {
    // SQLite reports a read-only file system as an I/O error.
    accessSync(dirname(file), constants.W_OK);
    database = new Database(file, { timeout: 1000 });
  } catch (thrown) {
    throw openingError(file, thrown);
  }
  try {
    // One process per home. The lock is held until the catalog is closed.
    database.pragma('locking_mode = EXCLUSIVE');
    database.pragma('journal_mode = WAL');
    // Survives a crash of the app. A power failure loses at most the last commits, which Docker has too.
    database.pragma('synchronous = NORMAL');
    database.exec('BEGIN IMMEDIATE; COMMIT');
    requireSound(database);
    return database;
  } catch (thrown) {
    database.close();
    throw openingError(file, thrown);
  }
}

function requireSound(database: Database.Database): void {
  if (database.pragma('quick_check(1)', { simple: true }) === 'ok') return;
  throw Object.assign(new Error('PRAGMA quick_check found damage.'), { code: 'SQLITE_CORRUPT' });
}

function openingError(file: string, thrown: unknown): SandglassError {
  const code = (thrown as { code?: string }).code ?? '';
  if (code.startsWith('SQLITE_BUSY')) {
    return new SandglassError('conflict', 'Another Sandglass is using this home folder.', {
      hint: `Use that one, or set SANDGLASS_HOME to another folder. (${file})`,
      cause: thrown,
    });
  }
  const readOnly = /^(SQLITE_READONLY|SQLITE_CANTOPEN|EROFS|EACCES|EPERM)/.test(code);
  return new SandglassError(
    'catalog_broken',
    readOnly ? `The catalog ${file} cannot be written.` : `The catalog ${file} cannot be read.`,
    {
      hint: readOnly
        ? 'Check the permissions of that folder.'
        : 'Move the file away. Sandglass rebuilds the catalog from Docker at the next start.',
      cause: thrown,
    },
  );
}

function migrate(database: Database.Database, file: string, steps: readonly Migration[]): void {
  const version = database.pragma('user_version', { simple: true }) as number;
  const latest = steps.at(-1)?.version ?? 0;
  if (version > latest) {
    throw new SandglassError(
      'catalog_newer',
      `The catalog was written by a newer Sandglass (version ${version}; this one supports ${latest}).`,
      { hint: 'Update Sandglass, or start it with another SANDGLASS_HOME.' },
    );
  }
  if (version === latest) return;
  if (version > 0) backUp(database, `${file}.v${version}.backup`);
  try {
    database.transaction(() => {
      for (const step of steps.filter((candidate) => candidate.version > version)) {
        database.exec(step.sql);
        database.pragma(`user_version = ${step.version}`);
      }
    })();
  } catch (thrown) {
    throw new SandglassError('catalog_broken', 'The catalog could not be migrated.', {
      hint: `Nothing was changed. Move ${file} away to rebuild it from Docker.`,
      cause: thrown,
    });
  }
}

function backUp(database: Database.Database, file: string): void {
  if (existsSync(file)) return;
  database.prepare('VACUUM INTO ?').run(file);
}
