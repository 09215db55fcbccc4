import { z } from 'zod';
import { registrySchema } from '#shared/contract/registries';
import { SandglassError } from '#shared/errors';
import { JsonFile } from '../lib';

/** A registered registry with its sealed password. */
const storedRegistrySchema = registrySchema.extend({ sealedPassword: z.string() });
export type StoredRegistry = z.infer<typeof storedRegistrySchema>;

/**
 * JSON file of the registered registries. They are not in the catalog, which can be rebuilt from Docker:
 * Docker does not store them.
 */
export class RegistryFile {
  private readonly file: JsonFile<StoredRegistry[]>;

  constructor(path: string) {
    this.file = new JsonFile(path, z.array(storedRegistrySchema), {
      fallback: () => [],
      onDamage: (cause) => {
        throw new SandglassError('internal', `The file ${path} is damaged.`, {
          hint: 'Move the file away and add the registries again.',
          cause,
        });
      },
    });
  }

  /** @throws SandglassError `internal` if the file is damaged. It is not overwritten then. */
  all(): StoredRegistry[] {
    return this.file.read();
  }

  save(registries: StoredRegistry[]): void {
    this.file.write(registries);
  }
}
