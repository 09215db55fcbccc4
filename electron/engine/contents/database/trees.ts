import type Database from 'better-sqlite3';
import { compareNames, directoryFacts, type FileFacts } from './fileNode';

/** Entry of a folder in the index. */
export interface TreeEntry extends FileFacts {
  name: string;
  /** Size in bytes; of a directory: everything below it. */
  sizeBytes: number;
  /** Number of entries below a directory. */
  entryCount: number;
  subtreeId: number | null;
}

interface Row extends Omit<TreeEntry, 'isHardLink'> {
  isHardLink: number;
}

const rows = `SELECT names.name AS name, kind,
    coalesce(trees.size_bytes, entries.size_bytes) AS sizeBytes,
    coalesce(trees.entry_count, 0) AS entryCount, mode, uid, gid, modified_at AS modifiedAt,
    content, link_target AS linkTarget, is_hard_link AS isHardLink, subtree_id AS subtreeId
  FROM entries JOIN names ON names.id = entries.name_id
  LEFT JOIN trees ON trees.id = entries.subtree_id
  WHERE tree_id = ?`;

/** Reads the folders of indexed filesystems. */
export class Trees {
  private readonly entriesOf;
  private readonly entryOf;
  private readonly totalsOf;

  constructor(database: Database.Database) {
    this.entriesOf = database.prepare<[number], Row>(rows);
    this.entryOf = database.prepare<[number, string], Row>(`${rows} AND names.name = ?`);
    this.totalsOf = database.prepare<[number], { sizeBytes: number; entryCount: number }>(
      'SELECT size_bytes AS sizeBytes, entry_count AS entryCount FROM trees WHERE id = ?',
    );
  }

  /** Returns the entries of a folder in the order of their names. */
  entries(treeId: number): TreeEntry[] {
    return this.entriesOf
      .all(treeId)
      .map(entryFrom)
      .sort((a, b) => compareNames(a.name, b.name));
  }

  /** Returns the total size in bytes and the number of entries below a folder. */
  totals(treeId: number): { sizeBytes: number; entryCount: number } {
    return this.totalsOf.get(treeId) ?? { sizeBytes: 0, entryCount: 0 };
  }

  /** Returns the entry at an absolute path, without following links; null if there is none. */
  find(rootId: number, path: string): TreeEntry | null {
    let found: TreeEntry | null = this.root(rootId);
    for (const name of path.split('/').filter(Boolean)) {
      found = found?.subtreeId == null ? null : this.entry(found.subtreeId, name);
    }
    return found;
  }

  /** Returns an entry of a folder by name; null if there is none. */
  entry(treeId: number, name: string): TreeEntry | null {
    const row = this.entryOf.get(treeId, name);
    return row ? entryFrom(row) : null;
  }

  /** Returns the root folder in the form of an entry. */
  root(rootId: number): TreeEntry {
    return { name: '', ...directoryFacts, ...this.totals(rootId), subtreeId: rootId };
  }
}

function entryFrom(row: Row): TreeEntry {
  return { ...row, isHardLink: row.isHardLink === 1 };
}
