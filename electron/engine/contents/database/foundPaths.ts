/** Maximum number of paths in a hit. */
const MAX_PATHS = 5;

interface FoundPath {
  path: string;
  /** True if the name equals the query. */
  isExact: boolean;
}

/** Matches below a folder: their count and the best ones. */
export class FoundPaths {
  count = 0;
  /** Exact names first, then the shortest paths. */
  private readonly best: FoundPath[] = [];

  get paths(): string[] {
    return this.best.map(({ path }) => path);
  }

  get isExact(): boolean {
    return this.best[0]?.isExact ?? false;
  }

  add(path: string, isExact: boolean): void {
    this.count += 1;
    this.offer({ path, isExact });
  }

  /** Adds the matches of a subfolder. */
  addBelow(folder: string, found: FoundPaths): void {
    this.count += found.count;
    for (const { path, isExact } of found.best) this.offer({ path: `${folder}/${path}`, isExact });
  }

  private offer(found: FoundPath): void {
    const place = this.best.findIndex((other) => isBetter(found, other));
    if (place === -1 && this.best.length >= MAX_PATHS) return;
    this.best.splice(place === -1 ? this.best.length : place, 0, found);
    if (this.best.length > MAX_PATHS) this.best.pop();
  }
}

function isBetter(a: FoundPath, b: FoundPath): boolean {
  if (a.isExact !== b.isExact) return a.isExact;
  if (a.path.length !== b.path.length) return a.path.length < b.path.length;
  return a.path < b.path;
}
