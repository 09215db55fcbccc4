import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { writePrivateFile } from '../engine/lib';

/**
 * The API's key, in a file that only this user can read: whoever reads it could as well use Docker
 * itself. The command line finds it there.
 */
export class ApiKey {
  private current: string;

  constructor(
    private readonly file: string,
    /** From the environment; empty for none. */
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
