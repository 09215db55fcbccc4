import { createHash, randomBytes } from 'node:crypto';

export interface ServiceToken {
  /** Milliseconds since 1970. */
  expiresAt: number;
  /** The pages that may show the service in a frame. */
  embedOrigins: string[];
}

const TOKEN_BYTES = 32;

/** The tokens that are out for one port of one sandbox. They end with the process. */
export class ServiceTokens {
  /** By the digest: how long a look-up takes tells nothing of a token. */
  private readonly byDigest = new Map<string, ServiceToken>();

  issue(lifetimeSeconds: number, embedOrigins: string[]): { token: string; expiresAt: number } {
    this.forgetExpired();
    const token = randomBytes(TOKEN_BYTES).toString('base64url');
    const expiresAt = Date.now() + lifetimeSeconds * 1000;
    this.byDigest.set(digest(token), { expiresAt, embedOrigins });
    return { token, expiresAt };
  }

  /** What a token is good for; null when it is wrong or has expired. */
  find(token: string): ServiceToken | null {
    const found = this.byDigest.get(digest(token));
    return found && found.expiresAt > Date.now() ? found : null;
  }

  /** When the last one expires; null when none is out. */
  lastExpiry(): number | null {
    this.forgetExpired();
    const all = [...this.byDigest.values()].map(({ expiresAt }) => expiresAt);
    return all.length > 0 ? Math.max(...all) : null;
  }

  private forgetExpired(): void {
    for (const [key, { expiresAt }] of this.byDigest) {
      if (expiresAt <= Date.now()) this.byDigest.delete(key);
    }
  }
}

function digest(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}
