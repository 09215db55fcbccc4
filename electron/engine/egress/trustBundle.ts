import { posix } from 'node:path';
import { Readable } from 'node:stream';
import { rootCertificates } from 'node:tls';
import { type Archive, goModeBits } from '../docker';

/** In the sandbox's `/tmp`, which survives a stop and is left out of captures. */
const BUNDLE = '/tmp/.sandglass-ca.pem';
const BUNDLE_OWNERSHIP = { uid: 0, gid: 0, mode: 0o644 };
/** Variables with the path of trusted certificates: OpenSSL, Python, Node, curl, git, Cargo. */
const trustVariables = [
  'SSL_CERT_FILE',
  'REQUESTS_CA_BUNDLE',
  'NODE_EXTRA_CA_CERTS',
  'CURL_CA_BUNDLE',
  'GIT_SSL_CAINFO',
  'CARGO_HTTP_CAINFO',
];
/** Root certificates of Debian and Alpine, and of Fedora. */
const rootFiles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
];

/**
 * Writes a bundle of the container's trusted root certificates and one more authority. Returns the
 * variables that point programs to it. Each call restores a missing or changed bundle.
 *
 * @throws SandglassError if Docker cannot write the file
 */
export async function trustAuthority(
  archive: Archive,
  containerId: string,
  authority: string,
): Promise<Record<string, string>> {
  const roots = await rootsIn(archive, containerId);
  const bundle = Buffer.from(`${roots.trimEnd()}\n${authority}\n`);
  const found = await archive.stat(containerId, BUNDLE);
  if (found?.sizeBytes !== bundle.length) {
    const target = {
      folder: posix.dirname(BUNDLE),
      newFolders: [],
      name: posix.basename(BUNDLE),
    };
    const content = { bytes: Readable.from([bundle]), size: bundle.length };
    await archive.write(containerId, target, content, BUNDLE_OWNERSHIP);
  }
  return Object.fromEntries(trustVariables.map((name) => [name, BUNDLE]));
}

/** Returns the image's root certificates, which may include a company's, or else Node's (Mozilla). */
async function rootsIn(archive: Archive, containerId: string): Promise<string> {
  for (const path of rootFiles) {
    const found = await archive.stat(containerId, path);
    const isFile = found !== null && found.goMode < goModeBits.special;
    if (isFile) return new TextDecoder().decode(await archive.read(containerId, path));
  }
  return rootCertificates.join('\n');
}
