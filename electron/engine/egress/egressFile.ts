import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { egressSchema } from '#shared/contract/schemas/egress';
import { JsonFile } from '../lib';

/** Egress rules with sealed header values. */
const storedEgressSchema = egressSchema.extend({
  sandboxId: z.string(),
  /** Proxy password of the sandbox. */
  token: z.string(),
});
export type StoredEgress = z.infer<typeof storedEgressSchema>;

const fileSchema = z.object({
  /** Last port of the proxy, reused because running processes keep its address. */
  port: z.number().int().nullable(),
  sandboxes: z.array(storedEgressSchema),
});

/**
 * File of egress rules with mode 0600. They are neither in the catalog, which can be rebuilt from Docker,
 * nor in labels, which every Docker client can read.
 */
export class EgressFile {
  private readonly file: JsonFile<z.infer<typeof fileSchema>>;
  private current: z.infer<typeof fileSchema> | null = null;

  constructor(path: string, onError: (thrown: unknown) => void) {
    this.file = new JsonFile(path, fileSchema, {
      fallback: () => ({ port: null, sandboxes: [] }),
      onDamage: (cause) => {
        // A sandbox with an access list stays isolated without its rules.
        this.file.moveAside();
        onError(cause);
      },
    });
  }

  get port(): number | null {
    return this.load().port;
  }

  all(): StoredEgress[] {
    return this.load().sandboxes;
  }

  find(sandboxId: string): StoredEgress | null {
    return this.all().find((stored) => stored.sandboxId === sandboxId) ?? null;
  }

  put(egress: StoredEgress): void {
    const others = this.all().filter(({ sandboxId }) => sandboxId !== egress.sandboxId);
    this.save({ ...this.load(), sandboxes: [...others, egress] });
  }

  remove(sandboxId: string): void {
    const others = this.all().filter((stored) => stored.sandboxId !== sandboxId);
    if (others.length < this.all().length) this.save({ ...this.load(), sandboxes: others });
  }

  keepPort(port: number): void {
    if (this.port !== port) this.save({ ...this.load(), port });
  }

  private load(): z.infer<typeof fileSchema> {
    this.current ??= this.file.read();
    return this.current;
  }

  private save(content: z.infer<typeof fileSchema>): void {
    this.file.write(content);
    this.current = content;
  }
}

export function newToken(): string {
  return randomBytes(24).toString('hex');
}
