import { Readable } from 'node:stream';
import tar from 'tar-stream';
import { expect, test } from 'vitest';
import { comparePackages } from '../../../electron/engine/contents/worker/comparison/packageDifferences';
import {
  isPackageFile,
  readPackageFile,
} from '../../../electron/engine/contents/worker/packageFiles';
import { readFilesystem } from '../../../electron/engine/contents/worker/readFilesystem';

function installedIn(path: string, text: string): string[] {
  if (!isPackageFile(path)) return [];
  return readPackageFile(path, Buffer.from(text)).map(
    ({ manager, name, version }) => `${manager} ${name} ${version}`,
  );
}

const status = `Package: here
Status: install ok installed
Architecture: amd64
Version: 1:2.3-4
Description: a package
 Version: 9 of a description is none
 .
 Package: nothing

Package: held
Status: hold ok installed
Version: 1.0

Package: configured
Status: deinstall ok config-files
Version: 1.0
Conffiles:
 /etc/configured.conf 0123456789abcdef

Package: broken
Status: install ok half-installed
Version: 1.0

Package: waits
Status: install ok triggers-pending
Version: 3.0

Package: unpacked
Status: install ok unpacked
Version: 1.0
`;

test('dpkg: removed packages with configuration, and partly installed ones, are not installed', () => {
  expect(installedIn('/var/lib/dpkg/status', status)).toEqual([
    'apt here 1:2.3-4',
    'apt held 1.0',
    'apt waits 3.0',
  ]);
  expect(installedIn('/var/lib/dpkg/status-old', status)).toEqual([]);
});

test('dpkg in distroless images: a file for each package, with dots in its name, and none for checksums', () => {
  const paragraph = 'Package: libpython3.11-minimal\nVersion: 3.11.2-6\nArchitecture: amd64\n';
  const found = ['apt libpython3.11-minimal 3.11.2-6'];
  expect(installedIn('/var/lib/dpkg/status.d/libpython3.11-minimal', paragraph)).toEqual(found);
  expect(installedIn('/var/lib/dpkg/status.d/bGliYw', paragraph)).toEqual(found);
  expect(installedIn('/var/lib/dpkg/status.d/bGliYw.md5sums', paragraph)).toEqual([]);
});

test('apk: both paths of the database; dependencies are not packages', () => {
  const installed = 'C:Q1x=\nP:musl\nV:1.2.5-r0\np:so:libc.so=1\n\nC:Q1y=\nP:zlib\nV:1.3.1-r2\n\n';
  for (const path of ['/lib/apk/db/installed', '/usr/lib/apk/db/installed']) {
    expect(installedIn(path, installed)).toEqual(['apk musl 1.2.5-r0', 'apk zlib 1.3.1-r2']);
  }
});

test('pip: wheels, eggs and egg-info; not vendored or cached packages', () => {
  const metadata =
    'Metadata-Version: 2.1\r\nName: numpy\r\nVersion: 2.1.0\r\n\r\nName: a text\r\nVersion: 9\r\n';
  const site = '/usr/lib/python3/site-packages';
  for (const path of [
    `${site}/numpy-2.1.0.dist-info/METADATA`,
    `${site}/numpy-2.1.0.egg-info`,
    `${site}/numpy-2.1.0.egg-info/PKG-INFO`,
    `${site}/numpy-2.1.0-py3.12.egg/EGG-INFO/PKG-INFO`,
  ]) {
    expect(installedIn(path, metadata)).toEqual(['pip numpy 2.1.0']);
  }
  for (const path of [
    `${site}/setuptools/_vendor/numpy-2.1.0.dist-info/METADATA`,
    '/root/.cache/uv/archive-v0/x/numpy-2.1.0.dist-info/METADATA',
    `${site}/numpy-2.1.0.dist-info/RECORD`,
  ]) {
    expect(installedIn(path, metadata)).toEqual([]);
  }
});

test('npm: packages with a name and a version, scoped ones included', () => {
  const of = (name: unknown, version: unknown) => JSON.stringify({ name, version });
  expect(installedIn('/srv/node_modules/a/package.json', of('a', '1.0.0'))).toEqual([
    'npm a 1.0.0',
  ]);
  expect(installedIn('/srv/node_modules/@s/a/package.json', of('@s/a', '1.0.0'))).toEqual([
    'npm @s/a 1.0.0',
  ]);
  expect(installedIn('/srv/node_modules/a/lib/package.json', of('a', '1.0.0'))).toEqual([]);
  expect(installedIn('/srv/package.json', of('a', '1.0.0'))).toEqual([]);
  for (const text of ['', 'null', '[]', '{"name": 1}', '{"name": "a"', of('a', null)]) {
    expect(installedIn('/srv/node_modules/a/package.json', text)).toEqual([]);
  }
});

test('a project with another spelling after an upgrade is the same', () => {
  const pip = (name: string, version: string) => ({ manager: 'pip' as const, name, version });
  expect(
    comparePackages([pip('Typing_Extensions', '4.0')], [pip('typing-extensions', '4.1')]),
  ).toEqual([{ manager: 'pip', name: 'typing-extensions', before: '4.0', after: '4.1' }]);
  expect(comparePackages([pip('zope.interface', '1')], [pip('zope_interface', '1')])).toEqual([]);
});

test('packages with files that are hard links into a store', async () => {
  const pack = tar.pack();
  const json = JSON.stringify({ name: 'left-pad', version: '1.3.0' });
  pack.entry({ name: 'root/.local/share/pnpm/store/v10/files/ab/cd' }, json);
  pack.entry(
    { name: 'root/.cache/uv/x/six-1.0.dist-info/METADATA' },
    'Metadata-Version: 2.1\nName: six\nVersion: 1.0\n',
  );
  pack.entry({
    name: 'srv/node_modules/left-pad/package.json',
    type: 'link',
    linkname: 'root/.local/share/pnpm/store/v10/files/ab/cd',
  });
  pack.entry({
    name: 'srv/venv/lib/python3.12/site-packages/six-1.0.dist-info/METADATA',
    type: 'link',
    linkname: 'root/.cache/uv/x/six-1.0.dist-info/METADATA',
  });
  pack.finalize();
  const { packages } = await readFilesystem(Readable.from(pack), 0, {
    onBytes: () => {},
    untilResumed: () => null,
  });
  expect(packages.map(({ name, version }) => `${name} ${version}`)).toEqual([
    'left-pad 1.3.0',
    'six 1.0',
  ]);
});
