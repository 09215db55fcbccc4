import { randomBytes, webcrypto } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { X509Certificate } from '@peculiar/x509';
import { z } from 'zod';
import { JsonFile } from '../lib';
import type { SecretVault } from '../registries';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY_MS = 86_400_000;
const AUTHORITY_DAYS = 3650;
/** Below the 398 days that clients accept (CA/Browser Forum). Reissued after half the time. */
const LEAF_DAYS = 90;
/** Maximum number of cached host certificates. */
const MAX_CACHED_LEAVES = 500;

const storedSchema = z.object({ certificate: z.string(), sealedKey: z.string() });

interface Authority {
  certificate: X509Certificate;
  key: CryptoKey;
}

/**
 * Issues certificates for hosts with injected headers, signed by a certificate authority of this home.
 * The authority's key is sealed and stays on the host; sandboxes get its certificate only.
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

  /** Returns the authority's certificate, in PEM form. */
  async authorityCertificate(): Promise<string> {
    const { certificate } = await this.ready();
    return certificate.toString('pem');
  }

  /** Returns the TLS context for a host name or IP address. */
  async contextFor(host: string): Promise<SecureContext> {
    const known = this.leaves.get(host);
    if (known && known.until > Date.now()) return await known.context;
    const context = this.issue(host);
    this.leaves.set(host, { context, until: Date.now() + (LEAF_DAYS / 2) * DAY_MS });
    const [oldest] = this.leaves.keys();
    if (this.leaves.size > MAX_CACHED_LEAVES && oldest) this.leaves.delete(oldest);
    return await context;
  }

  private ready(): Promise<Authority> {
    this.authority ??= this.load();
    return this.authority;
  }

  /** Loads the authority. Creates a new one if it is unreadable (another keychain) or expires soon. */
  private async load(): Promise<Authority> {
    const stored = this.file.read();
    if (!stored) return await this.create();
    const x509 = await certificateLibrary();
    try {
      const certificate = new x509.X509Certificate(stored.certificate);
      if (certificate.notAfter.getTime() < Date.now() + LEAF_DAYS * DAY_MS)
        throw new Error('Expires soon.');
      const pkcs8 = Buffer.from(this.vault.unseal(stored.sealedKey), 'base64');
      const key = await webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']);
      return { certificate, key };
    } catch {
      return await this.create();
    }
  }

  private async create(): Promise<Authority> {
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
      // Common names are limited to 64 characters (RFC 5280, A.1); clients use the alternative name.
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

/** Loads the library on demand: it takes longer than the rest of the engine, and few homes need it. */
async function certificateLibrary() {
  // Dependency injection in @peculiar/x509 needs it.
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  x509.cryptoProvider.set(webcrypto as unknown as Crypto);
  return x509;
}

async function newKeys(): Promise<CryptoKeyPair> {
  return (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as CryptoKeyPair;
}

/** Returns a positive number of at most 20 bytes (RFC 5280, 4.1.2.2). */
function serialNumber(): string {
  return `01${randomBytes(15).toString('hex')}`;
}

/** Starts a day ago, since the clock of Docker's virtual machine may lag. */
function lifetime(days: number): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return { notBefore: new Date(now - DAY_MS), notAfter: new Date(now + days * DAY_MS) };
}

/** Reads the additional root certificates of Node's NODE_EXTRA_CA_CERTS. */
export function extraCertificates({ NODE_EXTRA_CA_CERTS: file }: NodeJS.ProcessEnv): string[] {
  return file && existsSync(file) ? [readFileSync(file, 'utf8')] : [];
}
