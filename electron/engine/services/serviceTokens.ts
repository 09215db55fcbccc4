import { createHash, randomBytes } from 'node:crypto';

export interface ServiceToken {
  /** Milliseconds since 1970. */
  expiresAt: number;
  /** Origins of pages that may embed the service in a frame. */
  embedOrigins: string[];
}

const TOKEN_BYTES = 32;

/** Tokens for one port of one sandbox, in memory only. */
export class ServiceTokens {
  /** Keyed by digest, so the time of a lookup reveals nothing about a token. */
  private readonly byDigest = new Map<string, ServiceToken>();

  issue(lifetimeSeconds: number, embedOrigins: string[]): { token: string; expiresAt: number } {
    this.forgetExpired();
    const token = randomBytes(TOKEN_BYTES).toString('base64url');
    const expiresAt = Date.now() + lifetimeSeconds * 1000;
    this.byDigest.set(digest(token), { expiresAt, embedOrigins });
    return { token, expiresAt };
  }

  /** Finds a valid token; returns null if it is unknown or expired. */
  find(token: string): ServiceToken | null {
    const found = this.byDigest.get(digest(token));
    return found && found.expiresAt > Date.now() ? found : null;
  }

  /** Returns the last expiry, in milliseconds since 1970; null without a valid token. */
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
