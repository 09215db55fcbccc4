import { z } from 'zod';
import { registrySchema } from '#shared/contract/registries';
import { SandglassError } from '#shared/errors';
import { JsonFile } from '../lib';

/** A registered registry with its sealed password. */
const storedRegistrySchema = registrySchema.extend({ sealedPassword: z.string() });
export type StoredRegistry = z.infer<typeof storedRegistrySchema>;

/**
 * Registered registries, in a JSON file of the home. The catalog is rebuilt from Docker when it is
 * lost, and Docker holds none of them.
 */
export class RegistryFile {
  private readonly file: JsonFile<StoredRegistry[]>;

  constructor(path: string) {
    this.file = new JsonFile(path, z.array(storedRegistrySchema), {
      fallback: () => [],
      onDamage: (cause) => {
        throw new SandglassError('internal', `The file ${path} is damaged.`, {
          hint: 'Move it away and add the registries again.',
          cause,
        });
      },
    });
  }

  /** @throws SandglassError `internal` when the file is damaged; it is not overwritten */
  all(): StoredRegistry[] {
    return this.file.read();
  }

  save(registries: StoredRegistry[]): void {
    this.file.write(registries);
  }
}
