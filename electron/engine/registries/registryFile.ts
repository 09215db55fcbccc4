import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { registrySchema } from '#shared/contract/registries';
import { SandglassError } from '#shared/errors';
import { writeAtomically } from '../host/home';

/** A registered registry with its sealed password. */
const storedRegistrySchema = registrySchema.extend({ sealedPassword: z.string() });
export type StoredRegistry = z.infer<typeof storedRegistrySchema>;

/**
 * The registered registries, in a small file that only its owner can read. Not in the catalog: a
 * lost one is rebuilt from Docker, which knows nothing of these.
 */
export class RegistryFile {
  constructor(private readonly file: string) {}

  /** @throws SandglassError `internal` when the file is damaged: it is never overwritten then */
  all(): StoredRegistry[] {
    if (!existsSync(this.file)) return [];
    try {
      return z.array(storedRegistrySchema).parse(JSON.parse(readFileSync(this.file, 'utf8')));
    } catch (cause) {
      throw new SandglassError('internal', `The file ${this.file} is damaged.`, {
        hint: 'Move it away and add the registries again.',
        cause,
      });
    }
  }

  save(registries: StoredRegistry[]): void {
    writeAtomically(this.file, `${JSON.stringify(registries, null, 2)}\n`);
  }
}
