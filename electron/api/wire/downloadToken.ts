import { createHmac, scryptSync, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

/** Claims of a download link: one file and its response headers. */
const downloadGrant = z.object({
  /** Id, so that a link does not apply to a later sandbox of the same name. */
  sandbox: z.string(),
  path: z.string(),
  /** Milliseconds since the Unix epoch; null for no expiry. */
  expiresAt: z.number().nullable(),
  contentType: z.string(),
  disposition: z.enum(['attachment', 'inline']),
  /** Permissions of a page that is displayed inline (CSP sandbox flags). */
  sandboxFlags: z.array(z.string()),
});
export type DownloadGrant = z.infer<typeof downloadGrant>;

/**
 * Signs and verifies download links. Stateless: a link is valid until it expires or the API key
 * changes, also across restarts.
 */
export class DownloadTokens {
  private derived: { from: string; secret: Buffer } | null = null;

  constructor(private readonly key: () => string) {}

  sign(grant: DownloadGrant): string {
    const payload = Buffer.from(JSON.stringify(grant)).toString('base64url');
    return `${payload}.${this.mac(payload).toString('base64url')}`;
  }

  /** Verifies a token; null if the signature is wrong or the token has expired. */
  read(token: string): DownloadGrant | null {
    const [payload = '', mac = ''] = token.split('.');
    const actual = Buffer.from(mac, 'base64url');
    const expected = this.mac(payload);
    if (actual.length !== expected.length || !timingSafeEqual(actual, expected)) return null;
    const grant = downloadGrant.parse(
      JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')),
    );
    return grant.expiresAt === null || grant.expiresAt > Date.now() ? grant : null;
  }

  private mac(payload: string): Buffer {
    return createHmac('sha256', this.secret()).update(payload).digest();
  }

  /**
   * Derives the signing key with scrypt, so that the API key cannot be brute-forced from a link.
   */
  private secret(): Buffer {
    const key = this.key();
    if (this.derived?.from !== key) {
      this.derived = { from: key, secret: scryptSync(key, 'sandglass download links', 32) };
    }
    return this.derived.secret;
  }
}
