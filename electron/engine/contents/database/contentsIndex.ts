import type Database from 'better-sqlite3';
import pLimit from 'p-limit';
import type { Package, PicturePart } from '#shared/contract/contents';
import { closeDatabase } from '../../lib';
import { inBatches } from './batches';
import { discardContentsDatabase, isDamage, openContentsDatabase } from './contentsDatabase';
import type { FileNode } from './fileNode';
import { Orphans } from './orphans';
import { PackageTable } from './packageTable';
import { Searches } from './searches';
import { Trees } from './trees';
import { TreeWriter } from './treeWriter';

/** A snapshot in the index. */
export interface IndexedSnapshot {
  number: number;
  id: string;
  /** The snapshot that it was captured from, indexed or not. */
  parentId: string | null;
  rootId: number;
}

export interface NewSnapshot {
  id: string;
  parentId: string | null;
  /** Milliseconds since 1970. */
  createdAt: number;
}

export interface FoundContents {
  root: FileNode;
  packages: readonly Package[];
}

const columns = 'number, id, parent_id AS parentId, root_id AS rootId';

/** Index of snapshot contents: files, packages and pictures. */
export class ContentsIndex {
  readonly trees: Trees;
  readonly packages: PackageTable;
  readonly searches: Searches;
  private readonly writer: TreeWriter;
  private readonly orphans: Orphans;
  private readonly closing = new AbortController();
  /** Serializes writes and removals: a write refers to folders that a removal could delete. */
  private readonly serial = pLimit(1);

  constructor(readonly database: Database.Database) {
    this.trees = new Trees(database);
    this.packages = new PackageTable(database);
    this.searches = new Searches(database);
    this.orphans = new Orphans(database, this.packages);
    this.writer = new TreeWriter(database, this.orphans);
  }

  static open(file: string): ContentsIndex {
    const database = openContentsDatabase(file);
    try {
      return new ContentsIndex(database);
    } catch (thrown) {
      // Preparing the statements detects damage.
      if (!isDamage(thrown)) throw thrown;
      discardContentsDatabase(database);
      return new ContentsIndex(openContentsDatabase(file));
    }
  }

  ids(): string[] {
    return this.database.prepare<[], string>('SELECT id FROM snapshots').pluck().all();
  }

  find(snapshotId: string): IndexedSnapshot | null {
    return (
      this.database
        .prepare<[string], IndexedSnapshot>(`SELECT ${columns} FROM snapshots WHERE id = ?`)
        .get(snapshotId) ?? null
    );
  }

  /**
   * Writes the contents of a snapshot in small batches. The snapshot's row comes last: until then,
   * queries see its former contents. Rolls back on failure or cancellation.
   */
  async write(snapshot: NewSnapshot, found: FoundContents, signal?: AbortSignal): Promise<void> {
    await this.serial(async () => {
      await this.sweep();
      try {
        await this.inBatches(this.steps(snapshot, found), signal);
      } catch (thrown) {
        // A failure of the sweep recurs in the next one.
        await this.sweep().catch(() => {});
        throw thrown;
      }
      await this.sweep();
    });
  }

  /** Removes a snapshot, and then everything that no other snapshot has. */
  async remove(snapshotId: string): Promise<void> {
    await this.serial(async () => {
      this.database.transaction(() => this.drop(snapshotId))();
      await this.sweep();
    });
  }

  /** Removes the remains of interrupted writes and removals. */
  async tidy(): Promise<void> {
    await this.serial(() => this.sweep());
  }

  private *steps(snapshot: NewSnapshot, { root, packages }: FoundContents): Generator<void> {
    const rootId = yield* this.writer.write(root);
    const number = this.lastNumber() + 1;
    yield* this.packages.write(number, packages);
    yield;
    this.orphans.clear();
    this.drop(snapshot.id);
    this.database
      .prepare('INSERT INTO snapshots VALUES (?, ?, ?, ?, ?, NULL)')
      .run(number, snapshot.id, snapshot.parentId, snapshot.createdAt, rootId);
    // Their pictures were drawn without this parent.
    this.database
      .prepare('UPDATE snapshots SET picture = NULL WHERE parent_id = ?')
      .run(snapshot.id);
  }

  private lastNumber(): number {
    return (
      this.database.prepare<[], number | null>('SELECT max(number) FROM snapshots').pluck().get() ??
      0
    );
  }

  private drop(snapshotId: string): void {
    const found = this.find(snapshotId);
    if (!found) return;
    this.packages.remove(found.number);
    this.database.prepare('DELETE FROM snapshots WHERE number = ?').run(found.number);
    this.orphans.add(found.rootId);
  }

  /** Removes orphans. When interrupted by `close`, the next start continues. */
  private async sweep(): Promise<void> {
    try {
      await this.inBatches(this.orphans.removal());
    } catch (thrown) {
      if (!this.closing.signal.aborted) throw thrown;
    }
  }

  private async inBatches(steps: Iterator<void>, signal?: AbortSignal): Promise<void> {
    const closing = this.closing.signal;
    await inBatches(this.database, steps, signal ? AbortSignal.any([signal, closing]) : closing);
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

  /** Deletes the index if the error is damage. The object is unusable afterwards. */
  discardIfDamaged(thrown: unknown): boolean {
    if (!isDamage(thrown)) return false;
    discardContentsDatabase(this.database);
    return true;
  }

  /** Interrupts the current write, whose remains the next start removes. */
  async close(): Promise<void> {
    this.closing.abort();
    await this.serial(() => {});
    closeDatabase(this.database);
  }
}
