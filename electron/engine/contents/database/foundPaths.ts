/** So many paths are told of each snapshot. */
const MOST_TOLD = 5;

interface FoundPath {
  path: string;
  /** Its name is the very one. */
  isExact: boolean;
}

/** What was found below a folder: how much, and the best of it. */
export class FoundPaths {
  count = 0;
  /** The very name first, then the shortest path. */
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

  /** All that was found below a folder in this one. */
  addBelow(folder: string, found: FoundPaths): void {
    this.count += found.count;
    for (const { path, isExact } of found.best) this.offer({ path: `${folder}/${path}`, isExact });
  }

  private offer(found: FoundPath): void {
    const place = this.best.findIndex((other) => isBetter(found, other));
    if (place === -1 && this.best.length >= MOST_TOLD) return;
    this.best.splice(place === -1 ? this.best.length : place, 0, found);
    if (this.best.length > MOST_TOLD) this.best.pop();
  }
}

function isBetter(a: FoundPath, b: FoundPath): boolean {
  if (a.isExact !== b.isExact) return a.isExact;
  if (a.path.length !== b.path.length) return a.path.length < b.path.length;
  return a.path < b.path;
}
