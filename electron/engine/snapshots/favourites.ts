import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { idSchema } from '#shared/contract/fields';
import { writeAtomically } from '../host/home';

const fileSchema = z.array(idSchema);

/**
 * The snapshots that the user has starred, in a small file of the home: neither Docker, which has to be
 * there for a label, nor a catalog that is rebuilt has a part in it.
 */
export class Favourites {
  private readonly ids: Set<string>;

  constructor(private readonly file: string) {
    this.ids = new Set(readIds(file));
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
    writeAtomically(this.file, `${JSON.stringify([...this.ids], null, 2)}\n`);
  }
}

/** A damaged file is none: stars are soon given again. */
function readIds(file: string): string[] {
  if (!existsSync(file)) return [];
  try {
    return fileSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return [];
  }
}
