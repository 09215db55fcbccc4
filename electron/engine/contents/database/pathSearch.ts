import type Database from 'better-sqlite3';
import { FoundPaths } from './foundPaths';
import { ftsPhrase, type PathQuery } from './searchQuery';
import type { SearchWork } from './searchWork';

/** Limits of one search, which keep its time within seconds. */
const MAX_NAMES = 20_000;
const MAX_ENTRIES = 50_000;
const MAX_FOLDERS = 100_000;
/** Names read from the database at a time. */
const PAGE_SIZE = 2000;

interface Name {
  id: number;
  name: string;
}

/** A parent of a folder, and the folder's name there. */
interface Place {
  parentId: number;
  name: string;
}

type Found = Map<number, FoundPaths>;

/** Finds paths: from the matching names, up through all folders that contain them, to the roots. */
export class PathSearch {
  private readonly namesWith;
  private readonly namesFrom;
  private readonly nameOf;
  private readonly foldersWith;
  private readonly placesOf;

  constructor(database: Database.Database) {
    this.namesWith = database.prepare<[string, number, number], Name>(
      `SELECT rowid AS id, name FROM names_fts
       WHERE names_fts MATCH ? AND rowid > ? ORDER BY rowid LIMIT ?`,
    );
    this.namesFrom = database.prepare<[string, string, number], Name>(
      'SELECT id, name FROM names WHERE name >= ? AND name < ? LIMIT ?',
    );
    this.nameOf = database.prepare<[string], Name>('SELECT id, name FROM names WHERE name = ?');
    this.foldersWith = database
      .prepare<[number, number], number>('SELECT tree_id FROM entries WHERE name_id = ? LIMIT ?')
      .pluck();
    this.placesOf = database.prepare<[number], Place>(
      `SELECT tree_id AS parentId, names.name AS name
       FROM entries JOIN names ON names.id = name_id WHERE subtree_id = ?`,
    );
  }

  /** Returns the matches by root folder. Paths have no leading slash. */
  async find(
    query: PathQuery,
    isRoot: (treeId: number) => boolean,
    work: SearchWork,
  ): Promise<Found> {
    let found = await this.matches(query.name, work);
    for (const folder of query.folders.toReversed()) {
      found = await this.inFoldersNamed(folder, found, work);
    }
    if (query.fromRoot) return new Map([...found].filter(([id]) => isRoot(id)));
    return await this.upToRoots(found, isRoot, work);
  }

  /** Returns the matching entries by folder. */
  private async matches(text: string, work: SearchWork): Promise<Found> {
    const found: Found = new Map();
    let left = MAX_ENTRIES;
    for (const { id, name } of await this.names(text, work)) {
      const isExact = name.toLowerCase() === text;
      for (const treeId of this.foldersWith.all(id, left + 1)) {
        left -= 1;
        at(found, treeId).add(name, isExact);
      }
      if (left < 0) {
        work.isWhole = false;
        break;
      }
      await work.yield();
    }
    return found;
  }

  /** Returns the exact name first, then the shortest names. */
  private async names(text: string, work: SearchWork): Promise<Name[]> {
    const names = new Map<number, Name>();
    const exact = this.nameOf.get(text);
    if (exact) names.set(exact.id, exact);
    // The trigram index needs at least three characters.
    const pages = [...text].length < 3 ? this.pagesFrom(text) : this.pagesWith(text);
    for (const page of pages) {
      for (const name of page) names.set(name.id, name);
      if (names.size > MAX_NAMES) {
        work.isWhole = false;
        break;
      }
      await work.yield();
    }
    return [...names.values()].sort((a, b) => a.name.length - b.name.length);
  }

  private *pagesWith(text: string): Generator<Name[]> {
    for (let last: number | undefined = 0; last !== undefined; ) {
      const page: Name[] = this.namesWith.all(ftsPhrase(text), last, PAGE_SIZE);
      yield page;
      last = page[PAGE_SIZE - 1]?.id;
    }
  }

  private *pagesFrom(text: string): Generator<Name[]> {
    for (const start of spellings(text)) {
      yield this.namesFrom.all(start, `${start}\u{10ffff}`, MAX_NAMES + 1);
    }
  }

  private async inFoldersNamed(folder: string, below: Found, work: SearchWork): Promise<Found> {
    const found: Found = new Map();
    let left = MAX_FOLDERS;
    for (const [treeId, paths] of below) {
      for (const { parentId, name } of this.placesOf.all(treeId)) {
        left -= 1;
        if (name.toLowerCase() === folder) at(found, parentId).addBelow(name, paths);
      }
      if (left < 0) {
        work.isWhole = false;
        break;
      }
      await work.yield();
    }
    return found;
  }

  private async upToRoots(
    found: Found,
    isRoot: (treeId: number) => boolean,
    work: SearchWork,
  ): Promise<Found> {
    const { places, pendingBelow } = await this.foldersAbove(found, work);
    const roots: Found = new Map();
    const complete = [...places.keys()].filter((id) => !pendingBelow.has(id));
    // A folder is passed on to its parents when all its subfolders have been.
    for (let id = complete.pop(); id !== undefined; id = complete.pop()) {
      const paths = at(found, id);
      if (isRoot(id)) roots.set(id, paths);
      found.delete(id);
      for (const { parentId, name } of places.get(id) ?? []) {
        at(found, parentId).addBelow(name, paths);
        const pending = (pendingBelow.get(parentId) ?? 0) - 1;
        pendingBelow.set(parentId, pending);
        if (pending === 0) complete.push(parentId);
      }
      await work.yield();
    }
    return roots;
  }

  /**
   * Returns the places of these folders and their ancestors, and for each ancestor the number of
   * subfolders to complete before it. Removes folders beyond the limit from `found`.
   */
  private async foldersAbove(found: Found, work: SearchWork) {
    const places = new Map<number, Place[]>();
    const pendingBelow = new Map<number, number>();
    let left = MAX_FOLDERS;
    for (const start of [...found.keys()]) {
      if (left < 0 && !places.has(start)) {
        found.delete(start);
        work.isWhole = false;
      }
      const next = left < 0 ? [] : [start];
      for (let id = next.pop(); id !== undefined; id = next.pop()) {
        if (places.has(id)) continue;
        const above = this.placesOf.all(id);
        places.set(id, above);
        left -= 1 + above.length;
        for (const { parentId } of above) {
          pendingBelow.set(parentId, (pendingBelow.get(parentId) ?? 0) + 1);
          next.push(parentId);
        }
        await work.yield();
      }
    }
    return { places, pendingBelow };
  }
}

function at(found: Found, treeId: number): FoundPaths {
  let paths = found.get(treeId);
  if (!paths) {
    paths = new FoundPaths();
    found.set(treeId, paths);
  }
  return paths;
}

/** Returns all spellings of a short text in upper and lower case: names are sorted by bytes. */
function spellings(text: string): string[] {
  return [...text].reduce(
    (starts, letter) => [
      ...new Set(
        starts.flatMap((start) => [start + letter.toLowerCase(), start + letter.toUpperCase()]),
      ),
    ],
    [''],
  );
}
