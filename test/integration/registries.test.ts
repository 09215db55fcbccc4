import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Engine, openEngine } from '../../electron/engine/engine';
import {
  buildSnapshot,
  contentsOf,
  dockerHost,
  dockerItself,
  freshHome,
  openTestEngine,
  refusal,
  removeEverything,
  TEST_IMAGE,
} from '../support/engine';
import { pushImage, startRegistry, type TestRegistry } from '../support/registry';

const user = { username: 'me', password: 'pässword with spaces: and "quotes"' };

let registry: TestRegistry;
let image: string;
beforeAll(async () => {
  registry = await startRegistry(user);
  image = `${registry.address}/internal/tools:1`;
  await pushImage(dockerItself(), TEST_IMAGE, image, user);
});
afterAll(() => registry.stop());

let sandglass: Engine;
let operations: Engine['operations'];
beforeEach(async () => {
  sandglass = await openTestEngine();
  operations = sandglass.operations;
});
afterEach(() => removeEverything(sandglass));

const inline = () => ({
  registryUrl: `http://${registry.address}`,
  registryUsername: user.username,
  registryPassword: user.password,
});
const agree = () => operations.settings.update({ storeSecretsUnprotected: true });
const addRegistry = (change: { password?: string; url?: string } = {}) =>
  operations.registries.create({
    name: 'company',
    url: registry.address,
    ...user,
    ...change,
  });

/** Builds an image. Returns the task at its end. */
async function failure(input: Parameters<typeof operations.snapshots.create>[0]) {
  const { task } = await operations.snapshots.create(input);
  return (await operations.tasks.wait({ id: task.id })).error;
}

describe('a private image', () => {
  it('is pulled with credentials in the request', async () => {
    const snapshot = await buildSnapshot(operations, { name: 'private', image, ...inline() });
    expect(snapshot).toMatchObject({ status: 'ready', registryId: null });
  });

  it('is pulled with a registered registry by id, and records it', async () => {
    await agree();
    const { id } = await addRegistry();
    const snapshot = await buildSnapshot(operations, { name: 'private', image, registryId: id });
    expect(snapshot.registryId).toBe(id);
  });

  it('is pulled with the registered registry of its address by default', async () => {
    await agree();
    await addRegistry();
    await buildSnapshot(operations, { name: 'private', image });
  });

  it('is refused without credentials or with a wrong password, and nothing is left behind', async () => {
    const before = await contentsOf(dockerItself());
    expect(await failure({ name: 'x', image })).toMatchObject({
      code: 'registry_denied',
      hint: expect.stringContaining('add its registry in Settings'),
    });
    const wrong = { ...inline(), registryPassword: 'wrong' };
    expect(await failure({ name: 'x', image, ...wrong })).toMatchObject({
      code: 'registry_denied',
      message: expect.stringContaining('refused the user name or the password'),
    });
    expect(await contentsOf(dockerItself())).toEqual(before);
  });

  it('that is missing, and an unknown host, are different errors', async () => {
    const missing = image.replace('tools', 'none');
    expect(await failure({ name: 'x', image: missing, ...inline() })).toMatchObject({
      code: 'image_not_found',
    });
    const nowhere = { name: 'x', image: 'registry.invalid/tools:1' };
    expect(await failure(nowhere)).toMatchObject({ code: 'registry_unreachable' });
  });

  it('on a registry without a trusted certificate is a different error', async () => {
    const server = await selfSigned();
    const error = await failure({ name: 'x', image: `${server.address}/tools:1` });
    server.close();
    expect(error).toMatchObject({ code: 'registry_insecure' });
  });
});

describe('credentials', () => {
  it('both registered and inline are refused with the field', async () => {
    const both = { ...inline(), registryId: '11111111-1111-4111-8111-111111111111' };
    expect(await refusal(operations.snapshots.create({ name: 'x', image, ...both }))).toMatchObject(
      { code: 'invalid_input', field: 'registryId' },
    );
  });

  it('without user or password are refused with the field', async () => {
    const half = { registryUrl: registry.address, registryUsername: 'me' };
    expect(await refusal(operations.snapshots.create({ name: 'x', image, ...half }))).toMatchObject(
      { code: 'invalid_input', field: 'registryPassword' },
    );
  });

  it('of one registry are never sent to another', async () => {
    const call = operations.snapshots.create({ name: 'x', image: 'python:3.12', ...inline() });
    expect(await refusal(call)).toMatchObject({ code: 'invalid_input', field: 'registryUrl' });
  });

  it('of "docker login" are used', async () => {
    const host = registry.address;
    const auth = Buffer.from(`${user.username}:${user.password}`).toString('base64');
    const home = await freshHome();
    await writeFile(join(home, 'config.json'), JSON.stringify({ auths: { [host]: { auth } } }));
    await pullsWith({ DOCKER_CONFIG: home });
  });

  it('of a docker credential helper are used', async () => {
    const home = await freshHome();
    const bin = join(home, 'bin');
    await mkdir(bin);
    const answer = JSON.stringify({ Username: user.username, Secret: user.password });
    const helper = join(bin, 'docker-credential-tests');
    // Responds for the server in its standard input, as a credential helper does.
    const script = `#!/bin/sh\nread -r server || true\n[ "$server" = "${registry.address}" ] || exit 1\nprintf '%s' '${answer}'\n`;
    await writeFile(helper, script);
    await chmod(helper, 0o755);
    await writeFile(
      join(home, 'config.json'),
      JSON.stringify({ credHelpers: { [registry.address]: 'tests' } }),
    );
    await pullsWith({ DOCKER_CONFIG: home, PATH: `${bin}:${process.env.PATH}` });
  });

  async function pullsWith(env: NodeJS.ProcessEnv): Promise<void> {
    const other = openEngine({
      home: await freshHome(),
      env: { ...env, DOCKER_HOST: dockerHost() },
    });
    await other.operations.engine.retry();
    await buildSnapshot(other.operations, { name: 'private', image });
    await removeEverything(other);
    await other.close();
  }
});

describe('a registered registry', () => {
  it('is refused without a keychain until the user agrees', async () => {
    expect(await refusal(addRegistry())).toMatchObject({
      code: 'secrets_unprotected',
      field: 'password',
    });
    expect(await operations.registries.list()).toEqual([]);
    await agree();
    await addRegistry();
  });

  it('can be listed, read, changed and deleted, and never returns its password', async () => {
    await agree();
    const created = await addRegistry();
    expect(created).toMatchObject({ name: 'company', username: 'me', url: registry.address });
    expect(await operations.registries.list()).toEqual([created]);
    expect(await operations.registries.get({ registry: created.id })).toEqual(created);
    const renamed = await operations.registries.update({ registry: 'company', name: 'work' });
    expect(renamed).toMatchObject({ id: created.id, name: 'work', username: 'me' });
    await operations.registries.test({ registry: 'work' });
    await operations.registries.delete({ registry: 'work' });
    expect(await operations.registries.list()).toEqual([]);
    expect(await refusal(operations.registries.get({ registry: 'work' }))).toMatchObject({
      code: 'not_found',
    });
    expect(JSON.stringify([created, renamed])).not.toContain(user.password);
  });

  it('needs its password again when its address changes', async () => {
    await agree();
    await addRegistry();
    const moved = operations.registries.update({ registry: 'company', url: 'evil.example.com' });
    expect(await refusal(moved)).toMatchObject({ code: 'invalid_input', field: 'password' });
  });

  it('requires a unique name and an address', async () => {
    await agree();
    await addRegistry();
    expect(await refusal(addRegistry())).toMatchObject({ code: 'name_taken', field: 'name' });
    expect(await refusal(addRegistry({ url: 'not an address' }))).toMatchObject({
      code: 'invalid_input',
      field: 'url',
    });
  });

  it('reports whether its login is accepted', async () => {
    await agree();
    await addRegistry({ password: 'wrong' });
    expect(await refusal(operations.registries.test({ registry: 'company' }))).toMatchObject({
      code: 'registry_denied',
    });
  });

  it('keeps its password out of the catalog, the log, errors and the task history', async () => {
    await agree();
    const secret = 'a-secret-that-stands-out';
    await addRegistry({ password: secret });
    const error = await failure({ name: 'x', image });
    expect(error).toMatchObject({ code: 'registry_denied' });
    expect(JSON.stringify([error, await operations.tasks.list()])).not.toContain(secret);
    await sandglass.close();
    for (const name of await readdir(sandglass.home)) {
      const file = await readFile(join(sandglass.home, name)).catch(() => Buffer.alloc(0));
      expect(file.includes(secret), name).toBe(false);
    }
    sandglass = await openTestEngine({ home: sandglass.home });
    operations = sandglass.operations;
    expect((await operations.registries.list()).map(({ name }) => name)).toEqual(['company']);
  });
});

/** Starts an HTTPS server with a self-signed certificate. */
async function selfSigned(): Promise<{ address: string; close(): void }> {
  const home = await freshHome();
  const [key, certificate] = [join(home, 'key.pem'), join(home, 'certificate.pem')];
  await promisify(execFile)('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=tests'],
    ...['-keyout', key, '-out', certificate],
  ]);
  // Not a loopback address, where the daemon would accept plain HTTP.
  const server = createServer({ key: await readFile(key), cert: await readFile(certificate) });
  const host = outsideAddress();
  server.listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  if (!address || typeof address === 'string') throw new Error('The server has no port.');
  return { address: `${host}:${address.port}`, close: () => server.close() };
}

function outsideAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const outside = all.find(({ family, internal }) => family === 'IPv4' && !internal);
  if (!outside) throw new Error('This host has no address but loopback.');
  return outside.address;
}
