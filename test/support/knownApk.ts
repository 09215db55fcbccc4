import { Readable } from 'node:stream';
import Docker from 'dockerode';
import tar from 'tar-stream';
import { TEST_IMAGE } from './images';

/** Two images with Alpine's package database in the format of apk-tools 2.14. */
export const KNOWN_APK_BEFORE = 'sandglass-test/known-apk-before:1';
export const KNOWN_APK_AFTER = 'sandglass-test/known-apk-after:1';

/** Adds the two images to a daemon that has the tests' busybox. The second is made from the first. */
export async function knownApkImages(host: string): Promise<{ before: string; after: string }> {
  const docker = new Docker({ socketPath: host.replace('unix://', '') });
  await commit(docker, TEST_IMAGE, KNOWN_APK_BEFORE, {
    'apk-kept': '1.2.5-r0',
    'apk-upgraded': '1.36.1-r2',
    'apk-removed': '3.0-r0',
  });
  await commit(docker, KNOWN_APK_BEFORE, KNOWN_APK_AFTER, {
    'apk-added': '20240705-r0',
    'apk-kept': '1.2.5-r0',
    'apk-upgraded': '1.36.1-r29',
  });
  return { before: KNOWN_APK_BEFORE, after: KNOWN_APK_AFTER };
}

async function commit(
  docker: Docker,
  from: string,
  to: string,
  packages: Record<string, string>,
): Promise<void> {
  const pack = tar.pack();
  for (const name of ['lib', 'lib/apk', 'lib/apk/db', 'etc/apk']) {
    pack.entry({ name, type: 'directory', mode: 0o755 });
  }
  const entries = Object.entries(packages).map(([name, version]) => installed(name, version));
  pack.entry({ name: 'lib/apk/db/installed' }, entries.join(''));
  pack.entry({ name: 'etc/apk/world' }, `${Object.keys(packages).join('\n')}\n`);
  pack.finalize();
  const container = await docker.createContainer({ Image: from });
  await container.putArchive(Readable.from(pack), { path: '/' });
  const [repo, tag] = to.split(':');
  await container.commit({ repo, tag });
  await container.remove();
}

/** Record of a package; `F` is a folder, `R` a file in it, `a` their owner and mode, `Z` a checksum. */
function installed(name: string, version: string): string {
  return [
    'C:Q1Ijp8WwDFZjW0GqXHDuWyTGoXwqM=',
    `P:${name}`,
    `V:${version}`,
    'A:x86_64',
    'S:383152',
    'I:622592',
    `T:the ${name} of the tests`,
    'U:https://sandglass.invalid/',
    'L:MIT',
    `o:${name}`,
    'm:Sandglass <tests@sandglass.invalid>',
    't:1716922433',
    'p:cmd:none=1 so:libnone.so.1=1',
    'F:usr',
    'F:usr/share',
    `F:usr/share/${name}`,
    'R:about.txt',
    'a:0:0:644',
    'Z:Q1hKyCfNUkKZ6TYzDvR1WqFZXz1uA=',
    '',
    '',
  ].join('\n');
}
