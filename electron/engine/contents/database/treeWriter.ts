import { createHash } from 'node:crypto';
import type Database from 'better-sqlite3';
import { compareNames, type FileNode } from './fileNode';
import type { Orphans } from './orphans';

/** Entries of a folder processed between two yields. */
const PAGE_SIZE = 100;

/** A directory with its hash and its subtree. */
interface HashedTree {
  hash: Buffer;
  sizeBytes: number;
  entryCount: number;
  entries: Array<{ name: string; node: FileNode; subtree: HashedTree | null }>;
}

/** Writes filesystems into the index. */
export class TreeWriter {
  private readonly findTree;
  private readonly lastTree;
  private readonly addTree;
  private readonly addEntry;
  private readonly addName;
  private readonly indexName;
  private readonly findName;
  private readonly nameIds = new Map<string, number>();
  private nextId = 0;

  constructor(
    database: Database.Database,
    private readonly orphans: Orphans,
  ) {
    this.lastTree = database.prepare<[], number | null>('SELECT max(id) FROM trees').pluck();
    this.findTree = database
      .prepare<[Buffer], number>('SELECT id FROM trees WHERE hash = ?')
      .pluck();
    this.addTree = database.prepare<[number, Buffer, number, number]>(
      'INSERT INTO trees (id, hash, size_bytes, entry_count) VALUES (?, ?, ?, ?)',
    );
    this.addEntry = database.prepare(
      `INSERT INTO entries VALUES (@treeId, @nameId, @kind, @sizeBytes, @mode, @uid, @gid, @modifiedAt,
        @content, @linkTarget, @isHardLink, @subtreeId)`,
    );
    this.addName = database.prepare<[string]>('INSERT INTO names (name) VALUES (?)');
    this.indexName = database.prepare<[number, string]>(
      'INSERT INTO names_fts (rowid, name) VALUES (?, ?)',
    );
    this.findName = database
      .prepare<[string], number>('SELECT id FROM names WHERE name = ?')
      .pluck();
  }

  /**
   * Writes a directory with its subtree, and returns its id. New folders are orphans until a snapshot
   * refers to the directory. No removal may run in between.
   */
  *write(root: FileNode): Generator<void, number> {
    // A removal may have deleted names since the last write.
    this.nameIds.clear();
    this.nextId = (this.lastTree.get() ?? 0) + 1;
    return yield* this.store(yield* hashTree(root));
  }

  /** Reuses a stored folder, which is complete: its own row is written last. */
  private *store(tree: HashedTree): Generator<void, number> {
    const known = this.findTree.get(tree.hash);
    if (known !== undefined) return known;
    const treeId = this.nextId;
    this.nextId += 1;
    this.orphans.add(treeId);
    for (const [index, { name, node, subtree }] of tree.entries.entries()) {
      const { children: _children, isHardLink, ...fields } = node;
      this.addEntry.run({
        ...fields,
        subtreeId: subtree ? yield* this.store(subtree) : null,
        treeId,
        nameId: this.nameId(name),
        isHardLink: Number(isHardLink),
      });
      if (index % PAGE_SIZE === PAGE_SIZE - 1) yield;
    }
    this.addTree.run(treeId, tree.hash, tree.sizeBytes, tree.entryCount);
    yield;
    return treeId;
  }

  private nameId(name: string): number {
    const known = this.nameIds.get(name);
    if (known !== undefined) return known;
    const id = this.findName.get(name) ?? this.newName(name);
    this.nameIds.set(name, id);
    return id;
  }

  private newName(name: string): number {
    const id = Number(this.addName.run(name).lastInsertRowid);
    this.indexName.run(id, name);
    return id;
  }
}

function* hashTree(directory: FileNode): Generator<void, HashedTree> {
  const tree: HashedTree = { hash: Buffer.alloc(0), sizeBytes: 0, entryCount: 0, entries: [] };
  const hash = createHash('sha1');
  const children = [...(directory.children ?? [])].sort(([a], [b]) => compareNames(a, b));
  for (const [index, [name, node]] of children.entries()) {
    if (index % PAGE_SIZE === PAGE_SIZE - 1) yield;
    const subtree = node.children ? yield* hashTree(node) : null;
    tree.entries.push({ name, node, subtree });
    tree.sizeBytes += subtree ? subtree.sizeBytes : node.isHardLink ? 0 : node.sizeBytes;
    tree.entryCount += 1 + (subtree?.entryCount ?? 0);
    // A directory's time changes with its entries, which the hash covers.
    const modifiedAt = subtree ? 0 : node.modifiedAt;
    const { kind, sizeBytes, mode, uid, gid, linkTarget, isHardLink } = node;
    hash.update(
      JSON.stringify([name, kind, sizeBytes, mode, uid, gid, modifiedAt, linkTarget, isHardLink]),
    );
    hash.update(node.content ?? '');
    hash.update(subtree?.hash ?? '');
  }
  tree.hash = hash.digest();
  yield;
  return tree;
}
