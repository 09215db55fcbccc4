import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findEndpoints } from '../../electron/engine/docker/endpoint';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'sandglass-endpoint-'));
});
afterEach(() => rmSync(home, { recursive: true }));

function writeContext(name: string, host: string): string {
  const digest = createHash('sha256').update(name).digest('hex');
  const folder = join(home, '.docker/contexts/meta', digest);
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'meta.json'),
    JSON.stringify({ Name: name, Endpoints: { docker: { Host: host } } }),
  );
  return digest;
}

function useContext(name: string): void {
  mkdirSync(join(home, '.docker'), { recursive: true });
  writeFileSync(join(home, '.docker/config.json'), JSON.stringify({ currentContext: name }));
}

it('prefers DOCKER_HOST', () => {
  useContext('colima');
  expect(findEndpoints({ DOCKER_HOST: 'tcp://10.0.0.1:2375' }, home)).toEqual([
    { address: 'tcp://10.0.0.1:2375', source: 'DOCKER_HOST', tlsFolder: null },
  ]);
});

it('reads the certificates from the docker CLI’s folder', () => {
  const env = { DOCKER_HOST: 'tcp://h:2376', DOCKER_TLS_VERIFY: '1' };
  expect(findEndpoints(env, home)[0]?.tlsFolder).toBe(join(home, '.docker'));
  expect(findEndpoints({ ...env, DOCKER_CERT_PATH: '/certs' }, home)[0]?.tlsFolder).toBe('/certs');
});

it('uses the current context, or DOCKER_CONTEXT', () => {
  writeContext('colima', 'unix:///colima.sock');
  const digest = writeContext('remote', 'ssh://me@box');
  mkdirSync(join(home, '.docker/contexts/tls', digest, 'docker'), { recursive: true });
  useContext('colima');
  expect(findEndpoints({}, home)).toEqual([
    { address: 'unix:///colima.sock', source: 'context colima', tlsFolder: null },
  ]);
  expect(findEndpoints({ DOCKER_CONTEXT: 'remote' }, home)).toMatchObject([
    { address: 'ssh://me@box', tlsFolder: expect.stringContaining(digest) },
  ]);
});

it('names a missing context', () => {
  useContext('gone');
  expect(() => findEndpoints({}, home)).toThrow('The docker context "gone" does not exist.');
});

it.runIf(process.platform !== 'win32')('finds the sockets of the known engines', () => {
  for (const socket of ['.orbstack/run/docker.sock', '.colima/default/docker.sock']) {
    mkdirSync(join(home, socket, '..'), { recursive: true });
    writeFileSync(join(home, socket), '');
  }
  const sources = findEndpoints({ XDG_RUNTIME_DIR: join(home, 'run') }, home).map((e) => e.source);
  expect(sources).toEqual(expect.arrayContaining(['Colima', 'OrbStack']));
});

it('ignores a corrupt config.json', () => {
  mkdirSync(join(home, '.docker'));
  writeFileSync(join(home, '.docker/config.json'), '{ not json');
  expect(findEndpoints({}, home).length).toBeGreaterThan(0);
});
