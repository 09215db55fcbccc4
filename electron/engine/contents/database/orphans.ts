import type Database from 'better-sqlite3';
import type { PackageTable } from './packageTable';

/** Entries of a folder removed between two yields. */
const PAGE_SIZE = 100;

interface Entry {
  nameId: number;
  subtreeId: number | null;
}

/**
 * Folders that may be unreferenced: those of a removed snapshot and those of one that is being written.
 * They are recorded in the database, so an interrupted write or removal is completed by the next one.
 */
export class Orphans {
  private readonly statements;
  /** Runs in the caller's transaction, as `clear` does. */
  readonly add: (treeId: number) => void;
  readonly clear: () => void;

  constructor(
    database: Database.Database,
    private readonly packages: PackageTable,
  ) {
    this.statements = {
      first: database.prepare<[], number>('SELECT tree_id FROM orphans LIMIT 1').pluck(),
      resolve: database.prepare<[number]>('DELETE FROM orphans WHERE tree_id = ?'),
      isUsed: database
        .prepare<{ id: number }, number>(
          `SELECT EXISTS (SELECT 1 FROM entries WHERE subtree_id = @id)
               OR EXISTS (SELECT 1 FROM snapshots WHERE root_id = @id)`,
        )
        .pluck(),
      entries: database.prepare<[number, number], Entry>(
        `SELECT name_id AS nameId, subtree_id AS subtreeId FROM entries
         WHERE tree_id = ? LIMIT ?`,
      ),
      removeEntry: database.prepare<[number, number]>(
        'DELETE FROM entries WHERE tree_id = ? AND name_id = ?',
      ),
      removeTree: database.prepare<[number]>('DELETE FROM trees WHERE id = ?'),
      unusedName: database
        .prepare<{ id: number }, string>(
          `SELECT name FROM names
           WHERE id = @id AND NOT EXISTS (SELECT 1 FROM entries WHERE name_id = @id)`,
        )
        .pluck(),
      removeName: database.prepare<[number]>('DELETE FROM names WHERE id = ?'),
      unindexName: database.prepare<[number, string]>(
        `INSERT INTO names_fts (names_fts, rowid, name) VALUES ('delete', ?, ?)`,
      ),
    };
    const add = database.prepare<[number]>('INSERT OR IGNORE INTO orphans VALUES (?)');
    this.add = (treeId) => void add.run(treeId);
    const clear = database.prepare('DELETE FROM orphans');
    this.clear = () => void clear.run();
  }

  /** Removes unreferenced folders with their unshared contents. */
  *removal(): Generator<void> {
    yield* this.packages.removalOfUnfinished();
    const { first, isUsed, removeTree, resolve, entries } = this.statements;
    for (let id = first.get(); id !== undefined; id = first.get()) {
      if (!isUsed.get({ id })) {
        // From here on, no write reuses the folder.
        removeTree.run(id);
        for (
          let page = entries.all(id, PAGE_SIZE);
          page.length > 0;
          page = entries.all(id, PAGE_SIZE)
        ) {
          for (const entry of page) this.removeEntry(id, entry);
          yield;
        }
      }
      resolve.run(id);
      yield;
    }
  }

  private removeEntry(treeId: number, { nameId, subtreeId }: Entry): void {
    const { removeEntry, unusedName, removeName, unindexName } = this.statements;
    removeEntry.run(treeId, nameId);
    if (subtreeId !== null) this.add(subtreeId);
    const name = unusedName.get({ id: nameId });
    if (name === undefined) return;
    removeName.run(nameId);
    unindexName.run(nameId, name);
  }
}
