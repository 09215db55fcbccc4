import type Database from 'better-sqlite3';
import type { Package, PicturePart } from '#shared/contract/contents';
import { discardContentsDatabase, isDamage, openContentsDatabase } from './contentsDatabase';
import type { FileNode } from './fileNode';
import { PackageTable } from './packageTable';
import { Searches } from './searches';
import { TreeRemoval } from './treeRemoval';
import { Trees } from './trees';
import { TreeWriter } from './treeWriter';

/** A snapshot whose contents are known. */
export interface ReadSnapshot {
  number: number;
  id: string;
  /** The snapshot that it was captured from, here or not. */
  parentId: string | null;
  rootId: number;
}

const columns = 'number, id, parent_id AS parentId, root_id AS rootId';

/** The index of what is inside snapshots: files, packages and pictures. */
export class ContentsIndex {
  readonly trees: Trees;
  readonly packages: PackageTable;
  readonly searches: Searches;
  private readonly writer: TreeWriter;
  private readonly removal: TreeRemoval;

  constructor(readonly database: Database.Database) {
    this.trees = new Trees(database);
    this.packages = new PackageTable(database);
    this.searches = new Searches(database);
    this.writer = new TreeWriter(database);
    this.removal = new TreeRemoval(database);
  }

  static open(file: string): ContentsIndex {
    const database = openContentsDatabase(file);
    try {
      return new ContentsIndex(database);
    } catch (thrown) {
      // The first look at its tables finds what is damaged.
      if (!isDamage(thrown)) throw thrown;
      discardContentsDatabase(database);
      return new ContentsIndex(openContentsDatabase(file));
    }
  }

  known(): string[] {
    return this.database.prepare<[], string>('SELECT id FROM snapshots').pluck().all();
  }

  find(snapshotId: string): ReadSnapshot | null {
    return (
      this.database
        .prepare<[string], ReadSnapshot>(`SELECT ${columns} FROM snapshots WHERE id = ?`)
        .get(snapshotId) ?? null
    );
  }

  /** Writes what was read of a snapshot: all of it or, when that fails, nothing. */
  write(
    snapshot: { id: string; parentId: string | null; createdAt: number },
    found: { root: FileNode; packages: readonly Package[] },
  ): void {
    this.database.transaction(() => {
      this.remove(snapshot.id);
      const rootId = this.writer.write(found.root);
      const { lastInsertRowid } = this.database
        .prepare('INSERT INTO snapshots (id, parent_id, created_at, root_id) VALUES (?, ?, ?, ?)')
        .run(snapshot.id, snapshot.parentId, snapshot.createdAt, rootId);
      this.packages.write(Number(lastInsertRowid), found.packages);
      // What their own is could not be told before.
      this.database
        .prepare('UPDATE snapshots SET picture = NULL WHERE parent_id = ?')
        .run(snapshot.id);
    })();
  }

  /** Takes out everything that only this snapshot has. */
  remove(snapshotId: string): void {
    const found = this.find(snapshotId);
    if (!found) return;
    this.database.transaction(() => {
      this.packages.remove(found.number);
      this.database.prepare('DELETE FROM snapshots WHERE number = ?').run(found.number);
      this.removal.removeUnused(found.rootId);
    })();
  }

  picture(snapshotId: string): PicturePart[] | null {
    const stored = this.database
      .prepare<[string], string | null>('SELECT picture FROM snapshots WHERE id = ?')
      .pluck()
      .get(snapshotId);
    return stored ? (JSON.parse(stored) as PicturePart[]) : null;
  }

  setPicture(snapshotId: string, parts: readonly PicturePart[]): void {
    this.database
      .prepare('UPDATE snapshots SET picture = ? WHERE id = ?')
      .run(JSON.stringify(parts), snapshotId);
  }

  /** Throws it all away if that is damage; only a new index can be used then. */
  discardIfDamaged(thrown: unknown): boolean {
    if (!isDamage(thrown)) return false;
    discardContentsDatabase(this.database);
    return true;
  }

  close(): void {
    this.database.pragma('optimize');
    this.database.close();
  }
}
