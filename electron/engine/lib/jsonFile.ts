import { existsSync, readFileSync, renameSync } from 'node:fs';
import writeFileAtomic from 'write-file-atomic';
import type { z } from 'zod';

/** Readable and writable by the owner only. */
const FILE_MODE = 0o600;

export interface JsonFileOptions<T> {
  /** Content of a missing file. */
  fallback: () => T;
  /**
   * Handles a file that does not parse or fails the schema; may throw. By default the file is renamed
   * to `<file>.damaged` and the fallback is used.
   */
  onDamage?: (cause: unknown) => void;
}

/** A small JSON file in the home: validated when read, replaced atomically with fsync when written. */
export class JsonFile<T> {
  constructor(
    readonly path: string,
    private readonly schema: z.ZodType<T>,
    private readonly options: JsonFileOptions<T>,
  ) {}

  /** Returns the validated content, or the fallback. */
  read(): T {
    if (!existsSync(this.path)) return this.options.fallback();
    try {
      return this.schema.parse(JSON.parse(readFileSync(this.path, 'utf8')));
    } catch (cause) {
      if (this.options.onDamage) this.options.onDamage(cause);
      else this.moveAside();
      return this.options.fallback();
    }
  }

  write(content: T): void {
    writePrivateFile(this.path, `${JSON.stringify(content, null, 2)}\n`);
  }

  /** Keeps a damaged file for its owner to inspect. */
  moveAside(): void {
    renameSync(this.path, `${this.path}.damaged`);
  }
}

/** Replaces a text file of mode 0600 atomically. */
export function writePrivateFile(path: string, text: string): void {
  writeFileAtomic.sync(path, text, { mode: FILE_MODE });
}
