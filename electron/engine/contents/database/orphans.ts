import type Database from 'better-sqlite3';
import type { PackageTable } from './packageTable';

/** So many entries of a folder are removed between two yields. */
const PAGE = 100;

interface Entry {
  nameId: number;
  subtreeId: number | null;
}

/**
 * The folders that may have nobody: those of a removed snapshot, and those of one that is being written.
 * They are in the database, so that whatever cuts a writing or a removal off, the next one finishes it.
 */
export class Orphans {
  private readonly statements;
  /** Within the caller's transaction. */
  readonly add: (treeId: number) => void;
  readonly clear: () => void;

  constructor(
    database: Database.Database,
    private readonly packages: PackageTable,
  ) {
    this.statements = {
      first: database.prepare<[], number>('SELECT tree_id FROM orphans LIMIT 1').pluck(),
      settle: database.prepare<[number]>('DELETE FROM orphans WHERE tree_id = ?'),
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

  /** Removes those that really have nobody, with what only they have. */
  *removal(): Generator<void> {
    yield* this.packages.removalOfUnfinished();
    const { first, isUsed, removeTree, settle, entries } = this.statements;
    for (let id = first.get(); id !== undefined; id = first.get()) {
      if (!isUsed.get({ id })) {
        // From now on nobody takes it for a whole one.
        removeTree.run(id);
        for (let page = entries.all(id, PAGE); page.length > 0; page = entries.all(id, PAGE)) {
          for (const entry of page) this.removeEntry(id, entry);
          yield;
        }
      }
      settle.run(id);
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
