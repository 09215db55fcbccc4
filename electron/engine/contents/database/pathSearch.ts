import type Database from 'better-sqlite3';
import { FoundPaths } from './foundPaths';
import { ftsPhrase, type PathQuery } from './searchQuery';
import type { SearchWork } from './searchWork';

/** What one search looks at, at most: more takes longer than anybody waits. */
const MOST_NAMES = 20_000;
const MOST_ENTRIES = 50_000;
const MOST_FOLDERS = 100_000;
/** Names are taken so many at a time. */
const PAGE = 2000;

interface Name {
  id: number;
  name: string;
}

/** A folder in another one. */
interface Place {
  parentId: number;
  name: string;
}

type Found = Map<number, FoundPaths>;

/** Finds paths: from the names that match, up through all folders that have them, to the roots. */
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

  /** By the root folders; paths are without their leading slash. */
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

  /** By the folders that the matching entries are in. */
  private async matches(text: string, work: SearchWork): Promise<Found> {
    const found: Found = new Map();
    let left = MOST_ENTRIES;
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
      await work.breathe();
    }
    return found;
  }

  /** The very name first, then the shortest. */
  private async names(text: string, work: SearchWork): Promise<Name[]> {
    const names = new Map<number, Name>();
    const exact = this.nameOf.get(text);
    if (exact) names.set(exact.id, exact);
    // The index is of three characters each.
    const pages = [...text].length < 3 ? this.pagesFrom(text) : this.pagesWith(text);
    for (const page of pages) {
      for (const name of page) names.set(name.id, name);
      if (names.size > MOST_NAMES) {
        work.isWhole = false;
        break;
      }
      await work.breathe();
    }
    return [...names.values()].sort((a, b) => a.name.length - b.name.length);
  }

  private *pagesWith(text: string): Generator<Name[]> {
    for (let last: number | undefined = 0; last !== undefined; ) {
      const page: Name[] = this.namesWith.all(ftsPhrase(text), last, PAGE);
      yield page;
      last = page[PAGE - 1]?.id;
    }
  }

  private *pagesFrom(text: string): Generator<Name[]> {
    for (const start of spellings(text)) {
      yield this.namesFrom.all(start, `${start}\u{10ffff}`, MOST_NAMES + 1);
    }
  }

  private async inFoldersNamed(folder: string, below: Found, work: SearchWork): Promise<Found> {
    const found: Found = new Map();
    let left = MOST_FOLDERS;
    for (const [treeId, paths] of below) {
      for (const { parentId, name } of this.placesOf.all(treeId)) {
        left -= 1;
        if (name.toLowerCase() === folder) at(found, parentId).addBelow(name, paths);
      }
      if (left < 0) {
        work.isWhole = false;
        break;
      }
      await work.breathe();
    }
    return found;
  }

  private async upToRoots(
    found: Found,
    isRoot: (treeId: number) => boolean,
    work: SearchWork,
  ): Promise<Found> {
    const { places, waitsFor } = await this.foldersAbove(found, work);
    const roots: Found = new Map();
    const settled = [...places.keys()].filter((id) => !waitsFor.has(id));
    // A folder is told of to those above when all below it have told.
    for (let id = settled.pop(); id !== undefined; id = settled.pop()) {
      const paths = at(found, id);
      if (isRoot(id)) roots.set(id, paths);
      found.delete(id);
      for (const { parentId, name } of places.get(id) ?? []) {
        at(found, parentId).addBelow(name, paths);
        const waiting = (waitsFor.get(parentId) ?? 0) - 1;
        waitsFor.set(parentId, waiting);
        if (waiting === 0) settled.push(parentId);
      }
      await work.breathe();
    }
    return roots;
  }

  /**
   * Where all these folders and those above them are, and for how many each of the latter has to wait.
   * Those for which there is no time are taken out.
   */
  private async foldersAbove(found: Found, work: SearchWork) {
    const places = new Map<number, Place[]>();
    const waitsFor = new Map<number, number>();
    let left = MOST_FOLDERS;
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
          waitsFor.set(parentId, (waitsFor.get(parentId) ?? 0) + 1);
          next.push(parentId);
        }
        await work.breathe();
      }
    }
    return { places, waitsFor };
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

/** A short text in small and capital letters: the names are in the order of their bytes. */
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
