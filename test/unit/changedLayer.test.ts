import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { PathChange } from '../../electron/engine/docker/files/filesystems';
import { changedLayer } from '../../electron/engine/snapshots/layer/changedLayer';

const exec = promisify(execFile);

/**
 * Daemons report a recreated folder in two ways, depending on the kernel's overlay features. The daemon
 * of the integration tests covers one, this test the other.
 */
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sandglass-layer-'));
  const script = [
    'mkdir -p opt/again/deep opt/same srv/was etc',
    'echo 1 > opt/again/new; echo 2 > opt/again/deep/untold; echo 3 > opt/same/kept',
    'echo 4 > etc/edited; ln -s elsewhere srv/was/link; echo 5 > opt/drop',
  ].join('; ');
  await exec('bash', ['-c', script], { cwd: folder });
});
afterAll(() => rm(folder, { recursive: true }));

/** Lists the layer with tar, by name. */
async function layerOf(
  changes: Array<[PathChange['change'], string]>,
  exclude: string[] = [],
  excludedBelow: string[] = [],
): Promise<string[]> {
  const source = spawn('tar', ['--format=pax', '-cf', '-', '--sort=name', 'etc', 'opt', 'srv'], {
    cwd: folder,
  });
  const list = spawn('tar', ['-tf', '-']);
  const layer = changedLayer(
    {
      files: source.stdout as Readable,
      changes: changes.map(([change, path]) => ({ change, path })),
      ...{ exclude, excludedBelow },
    },
    { readFile: () => Promise.reject(new Error('There is no link.')) },
  );
  const [names] = await Promise.all([text(list.stdout), pipeline(layer, list.stdin)]);
  return names.trim().split('\n').sort();
}

it('a recreated folder is opaque and complete', async () => {
  const names = await layerOf([
    ['changed', '/opt'],
    ['removed', '/opt/again'],
    ['added', '/opt/again/new'],
  ]);
  expect(names).toEqual([
    'opt/',
    'opt/again/',
    'opt/again/.wh..wh..opq',
    'opt/again/deep/',
    'opt/again/deep/untold',
    'opt/again/new',
  ]);
});

it('whiteouts are only in folders that still exist', async () => {
  const names = await layerOf([
    ['removed', '/etc/gone'],
    ['removed', '/srv/was/link/below'],
    ['removed', '/nowhere/at/all'],
    ['changed', '/srv/was/link'],
  ]);
  expect(names).toEqual(['etc/', 'etc/.wh.gone', 'srv/', 'srv/was/', 'srv/was/link']);
});

it('reverted and duplicate changes are ignored', async () => {
  const names = await layerOf([
    ['removed', '/etc/edited'],
    ['changed', '/etc/edited'],
    ['added', '/opt/vanished'],
    ['changed', '/etc/edited'],
  ]);
  expect(names).toEqual(['etc/', 'etc/edited', 'opt/']);
});

it('excluded paths have whiteouts if the image below has them', async () => {
  const changes: Array<[PathChange['change'], string]> = [
    ['added', '/opt/drop'],
    ['removed', '/opt/again/old'],
    ['changed', '/etc/edited'],
  ];
  expect(await layerOf(changes, ['/opt/drop', '/opt/again', '/srv/was'], ['/srv/was'])).toEqual([
    'etc/',
    'etc/edited',
    'opt/',
    'srv/',
    'srv/.wh.was',
  ]);
});
