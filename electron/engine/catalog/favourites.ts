import { z } from 'zod';
import { idSchema } from '#shared/contract/fields';
import { JsonFile } from '../lib';

/**
 * Starred snapshots, in a JSON file of the home. Labels would require a running Docker, and a rebuilt
 * catalog would lose the stars.
 */
export class Favourites {
  private readonly file: JsonFile<string[]>;
  private readonly ids: Set<string>;

  constructor(path: string) {
    this.file = new JsonFile(path, z.array(idSchema), { fallback: () => [] });
    this.ids = new Set(this.file.read());
  }

  all(): string[] {
    return [...this.ids];
  }

  has(snapshotId: string): boolean {
    return this.ids.has(snapshotId);
  }

  set(snapshotId: string, favourite: boolean): void {
    if (this.ids.has(snapshotId) === favourite) return;
    if (favourite) this.ids.add(snapshotId);
    else this.ids.delete(snapshotId);
    this.file.write([...this.ids]);
  }
}
