import { createHmac, scryptSync, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

/** What a download link is for: one file, and how it is served. */
const downloadGrant = z.object({
  /** The id: a link does not pass to another sandbox of the same name. */
  sandbox: z.string(),
  path: z.string(),
  /** Milliseconds since 1970; null for never. */
  expiresAt: z.number().nullable(),
  contentType: z.string(),
  disposition: z.enum(['attachment', 'inline']),
  /** What a page that is shown inline may do. */
  sandboxFlags: z.array(z.string()),
});
export type DownloadGrant = z.infer<typeof downloadGrant>;

/**
 * Signs and reads the tokens of download links. They are good as long as the API's key: nothing is kept
 * of them, and a restart leaves them good.
 */
export class DownloadTokens {
  private derived: { from: string; secret: Buffer } | null = null;

  constructor(private readonly key: () => string) {}

  sign(grant: DownloadGrant): string {
    const payload = Buffer.from(JSON.stringify(grant)).toString('base64url');
    return `${payload}.${this.mac(payload).toString('base64url')}`;
  }

  /** Null for a token that is not ours, or no longer. */
  read(token: string): DownloadGrant | null {
    const [payload = '', mac = ''] = token.split('.');
    const given = Buffer.from(mac, 'base64url');
    const wanted = this.mac(payload);
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return null;
    const grant = downloadGrant.parse(
      JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')),
    );
    return grant.expiresAt === null || grant.expiresAt > Date.now() ? grant : null;
  }

  private mac(payload: string): Buffer {
    return createHmac('sha256', this.secret()).update(payload).digest();
  }

  /** Slow on purpose: nobody who has a link can try keys against it. */
  private secret(): Buffer {
    const key = this.key();
    if (this.derived?.from !== key) {
      this.derived = { from: key, secret: scryptSync(key, 'sandglass download links', 32) };
    }
    return this.derived.secret;
  }
}
