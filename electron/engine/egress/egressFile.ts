import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { egressSchema } from '#shared/contract/schemas/egress';
import { JsonFile } from '../lib';

/** As it is shown, with sealed values where those show none. */
const storedEgressSchema = egressSchema.extend({
  sandboxId: z.string(),
  /** What the sandbox tells the proxy, so that nobody else may use it. */
  token: z.string(),
});
export type StoredEgress = z.infer<typeof storedEgressSchema>;

const fileSchema = z.object({
  /** Where the proxy listens: processes that live on keep its address. */
  port: z.number().int().nullable(),
  sandboxes: z.array(storedEgressSchema),
});

/**
 * What sandboxes have for their way out, in a file that only its owner can read. Not in the catalog,
 * which is rebuilt from Docker when it is lost, nor in labels: both can be read by others.
 */
export class EgressFile {
  private readonly file: JsonFile<z.infer<typeof fileSchema>>;
  private current: z.infer<typeof fileSchema> | null = null;

  constructor(path: string, onError: (thrown: unknown) => void) {
    this.file = new JsonFile(path, fileSchema, {
      fallback: () => ({ port: null, sandboxes: [] }),
      onDamage: (cause) => {
        // A sandbox with an access list stays cut off without its rules.
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
