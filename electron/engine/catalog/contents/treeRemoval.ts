import type Database from 'better-sqlite3';

/** Removes folders that no snapshot has any more, and the names that only they had. */
export class TreeRemoval {
  private readonly isUsed;
  private readonly contentsOf;
  private readonly removeEntries;
  private readonly removeTree;
  private readonly unusedName;
  private readonly removeName;
  private readonly unindexName;

  constructor(database: Database.Database) {
    this.isUsed = database
      .prepare<{ id: number }, number>(
        `SELECT EXISTS (SELECT 1 FROM entries WHERE subtree_id = @id)
             OR EXISTS (SELECT 1 FROM snapshots WHERE root_id = @id)`,
      )
      .pluck();
    this.contentsOf = database.prepare<[number], { nameId: number; subtreeId: number | null }>(
      'SELECT name_id AS nameId, subtree_id AS subtreeId FROM entries WHERE tree_id = ?',
    );
    this.removeEntries = database.prepare<[number]>('DELETE FROM entries WHERE tree_id = ?');
    this.removeTree = database.prepare<[number]>('DELETE FROM trees WHERE id = ?');
    this.unusedName = database
      .prepare<{ id: number }, string>(
        `SELECT name FROM names
         WHERE id = @id AND NOT EXISTS (SELECT 1 FROM entries WHERE name_id = @id)`,
      )
      .pluck();
    this.removeName = database.prepare<[number]>('DELETE FROM names WHERE id = ?');
    this.unindexName = database.prepare<[number, string]>(
      `INSERT INTO names_fts (names_fts, rowid, name) VALUES ('delete', ?, ?)`,
    );
  }

  /** Within the caller's transaction, after the snapshot's own row has gone. */
  removeUnused(rootId: number): void {
    const names = new Set<number>();
    const candidates = [rootId];
    for (let id = candidates.pop(); id !== undefined; id = candidates.pop()) {
      if (this.isUsed.get({ id })) continue;
      for (const { nameId, subtreeId } of this.contentsOf.all(id)) {
        names.add(nameId);
        if (subtreeId !== null) candidates.push(subtreeId);
      }
      this.removeEntries.run(id);
      this.removeTree.run(id);
    }
    for (const id of names) {
      const name = this.unusedName.get({ id });
      if (name === undefined) continue;
      this.removeName.run(id);
      this.unindexName.run(id, name);
    }
  }
}
