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

/** A snapshot whose contents are known. */
export interface ReadSnapshot {
  number: number;
  id: string;
  /** The snapshot that it was captured from, here or not. */
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

/** The index of what is inside snapshots: files, packages and pictures. */
export class ContentsIndex {
  readonly trees: Trees;
  readonly packages: PackageTable;
  readonly searches: Searches;
  private readonly writer: TreeWriter;
  private readonly orphans: Orphans;
  private readonly closing = new AbortController();
  /** One after the other: a writing builds on folders that a removal would take away. */
  private readonly inTurn = pLimit(1);

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

  /**
   * Writes what was read of a snapshot, in small batches: it is found when all of it is there, and until
   * then what was written of it before. Nothing is left when that fails or is cancelled.
   */
  async write(snapshot: NewSnapshot, found: FoundContents, signal?: AbortSignal): Promise<void> {
    await this.inTurn(async () => {
      await this.sweep();
      try {
        await this.inBatches(this.writing(snapshot, found), signal);
      } catch (thrown) {
        // What hinders that too is met again by the next one.
        await this.sweep().catch(() => {});
        throw thrown;
      }
      await this.sweep();
    });
  }

  /** Takes out everything that only this snapshot has. It is not found any more at once. */
  async remove(snapshotId: string): Promise<void> {
    await this.inTurn(async () => {
      this.database.transaction(() => this.drop(snapshotId))();
      await this.sweep();
    });
  }

  /** Removes what a writing or a removal has left that was cut off. */
  async tidy(): Promise<void> {
    await this.inTurn(() => this.sweep());
  }

  private *writing(snapshot: NewSnapshot, { root, packages }: FoundContents): Generator<void> {
    const rootId = yield* this.writer.write(root);
    const number = this.lastNumber() + 1;
    yield* this.packages.write(number, packages);
    yield;
    this.orphans.clear();
    this.drop(snapshot.id);
    this.database
      .prepare('INSERT INTO snapshots VALUES (?, ?, ?, ?, ?, NULL)')
      .run(number, snapshot.id, snapshot.parentId, snapshot.createdAt, rootId);
    // What their own is could not be told before.
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

  /** Goes on at the next start where it is cut off by the closing. */
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

  /** Throws it all away if that is damage; only a new index can be used then. */
  discardIfDamaged(thrown: unknown): boolean {
    if (!isDamage(thrown)) return false;
    discardContentsDatabase(this.database);
    return true;
  }

  /** Cuts off what is being written: the next start removes it. */
  async close(): Promise<void> {
    this.closing.abort();
    await this.inTurn(() => {});
    closeDatabase(this.database);
  }
}
