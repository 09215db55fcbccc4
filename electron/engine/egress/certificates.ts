import { randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { X509Certificate } from '@peculiar/x509';
import { z } from 'zod';
import { JsonFile } from '../lib';
import type { SecretVault } from '../registries';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY_MS = 86_400_000;
const AUTHORITY_DAYS = 3650;
/** Well below the 398 days that clients accept (CA/Browser Forum), and made anew long before. */
const LEAF_DAYS = 90;
const KEPT_LEAVES = 500;

const storedSchema = z.object({ certificate: z.string(), sealedKey: z.string() });

interface Authority {
  certificate: X509Certificate;
  key: CryptoKey;
}

/**
 * Certificates for the hosts whose requests are added to, signed by an authority of this home alone.
 * Its key is sealed and never leaves this computer; only its certificate goes into sandboxes.
 */
export class Certificates {
  private readonly file: JsonFile<z.infer<typeof storedSchema> | null>;
  private authority: Promise<Authority> | null = null;
  private readonly leaves = new Map<string, { context: Promise<SecureContext>; until: number }>();

  constructor(
    path: string,
    private readonly vault: SecretVault,
  ) {
    this.file = new JsonFile(path, storedSchema.nullable(), {
      fallback: () => null,
      // An unreadable authority is replaced.
      onDamage: () => {},
    });
  }

  /** PEM. */
  async authorityCertificate(): Promise<string> {
    const { certificate } = await this.ready();
    return certificate.toString('pem');
  }

  /** What a server for this host shows: a name or an address. */
  async contextFor(host: string): Promise<SecureContext> {
    const known = this.leaves.get(host);
    if (known && known.until > Date.now()) return await known.context;
    const context = this.issue(host);
    this.leaves.set(host, { context, until: Date.now() + (LEAF_DAYS / 2) * DAY_MS });
    const [oldest] = this.leaves.keys();
    if (this.leaves.size > KEPT_LEAVES && oldest) this.leaves.delete(oldest);
    return await context;
  }

  private ready(): Promise<Authority> {
    this.authority ??= this.load();
    return this.authority;
  }

  /** One that cannot be read any more (another keychain, a damaged file) is made anew. */
  private async load(): Promise<Authority> {
    const stored = this.file.read();
    if (!stored) return await this.make();
    const x509 = await certificateLibrary();
    try {
      const certificate = new x509.X509Certificate(stored.certificate);
      if (certificate.notAfter.getTime() < Date.now() + LEAF_DAYS * DAY_MS) throw new Error('Old.');
      const pkcs8 = Buffer.from(this.vault.unseal(stored.sealedKey), 'base64');
      const key = await webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']);
      return { certificate, key };
    } catch {
      return await this.make();
    }
  }

  private async make(): Promise<Authority> {
    const x509 = await certificateLibrary();
    const keys = await newKeys();
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: serialNumber(),
      name: 'CN=Sandglass on this computer',
      ...lifetime(AUTHORITY_DAYS),
      signingAlgorithm: algorithm,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(
          x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
          true,
        ),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
    const stored = {
      certificate: certificate.toString('pem'),
      sealedKey: this.vault.seal(pkcs8.toString('base64')),
    };
    this.file.write(stored);
    return { certificate, key: keys.privateKey };
  }

  private async issue(host: string): Promise<SecureContext> {
    const x509 = await certificateLibrary();
    const { certificate: authority, key } = await this.ready();
    const keys = await newKeys();
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: serialNumber(),
      // A common name has at most 64 characters; clients read the alternative name.
      subject: 'CN=Sandglass',
      issuer: authority.subject,
      ...lifetime(LEAF_DAYS),
      signingAlgorithm: algorithm,
      publicKey: keys.publicKey,
      signingKey: key,
      extensions: [
        new x509.BasicConstraintsExtension(false),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension([
          { type: isIP(host) ? 'ip' : 'dns', value: host },
        ]),
        await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey),
      ],
    });
    const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
    return createSecureContext({
      cert: certificate.toString('pem'),
      key: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY'),
    });
  }
}

/** Loaded when it is first needed: it takes longer than the rest of the engine, and most homes never do. */
async function certificateLibrary() {
  // It looks its parts up by it.
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  x509.cryptoProvider.set(webcrypto as unknown as Crypto);
  return x509;
}

async function newKeys(): Promise<CryptoKeyPair> {
  return (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as CryptoKeyPair;
}

/** Positive, at most 20 bytes (RFC 5280, 4.1.2.2). */
function serialNumber(): string {
  return `01${randomBytes(15).toString('hex')}`;
}

/** A day back: the clock of a sandbox's machine may be a little behind. */
function lifetime(days: number): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return { notBefore: new Date(now - DAY_MS), notAfter: new Date(now + days * DAY_MS) };
}
