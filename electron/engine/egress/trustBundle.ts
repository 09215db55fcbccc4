import { posix } from 'node:path';
import { Readable } from 'node:stream';
import { rootCertificates } from 'node:tls';
import { type Archive, goModeBits } from '../docker';

/** In the sandbox's `/tmp`: it outlives a stop, and no capture takes it along to another home. */
const BUNDLE = '/tmp/.sandglass-ca.pem';
const BUNDLE_OWNERSHIP = { uid: 0, gid: 0, mode: 0o644 };
/** What programs read the path of their trusted certificates from: OpenSSL, Python, Node, curl, git, Cargo. */
const trustVariables = [
  'SSL_CERT_FILE',
  'REQUESTS_CA_BUNDLE',
  'NODE_EXTRA_CA_CERTS',
  'CURL_CA_BUNDLE',
  'GIT_SSL_CAINFO',
  'CARGO_HTTP_CAINFO',
];
/** Where Debian, Alpine and Fedora keep the roots that a system trusts. */
const rootFiles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
];

/**
 * Puts an authority beside those that a container trusts already, in a file of its own. Returns the
 * variables that make programs read it; the file is looked after at each call.
 *
 * @throws SandglassError when Docker cannot write it
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

/** The image's own: it may trust a company's. Where it has none, Mozilla's, which Node brings along. */
async function rootsIn(archive: Archive, containerId: string): Promise<string> {
  for (const path of rootFiles) {
    const found = await archive.stat(containerId, path);
    const isFile = found !== null && found.goMode < goModeBits.special;
    if (isFile) return new TextDecoder().decode(await archive.read(containerId, path));
  }
  return rootCertificates.join('\n');
}
