import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { writePrivateFile } from '../engine/lib';

/**
 * The API key, stored in a file with mode 0600. Any process of the same user could use Docker
 * directly, so the file protects against other users only. The CLI reads the key from there.
 */
export class ApiKey {
  private current: string;

  constructor(
    private readonly file: string,
    /** Key from the environment; empty if not set. */
    private readonly fixed: string,
  ) {
    this.current = fixed || stored(file) || this.makeNew();
  }

  get isFixed(): boolean {
    return this.fixed !== '';
  }

  get(): string {
    return this.current;
  }

  rotate(): void {
    this.current = this.makeNew();
  }

  private makeNew(): string {
    const key = `sg_${randomBytes(24).toString('base64url')}`;
    writePrivateFile(this.file, `${key}\n`);
    return key;
  }
}

function stored(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
}
