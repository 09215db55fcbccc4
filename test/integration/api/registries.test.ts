import { ConflictError, NotFoundError, UnprocessableEntityError } from 'langsmith/error';
import { SandboxClient } from 'langsmith/sandbox';
import { SandboxClient as InlineClient } from 'langsmith-inline/sandbox';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { apiOfThisFile, ask, thrownBy } from '../../support/api';
import { bothSdks } from '../../support/clients';
import { dockerItself, removeEverything, TEST_IMAGE } from '../../support/engine';
import { pushImage, startRegistry, type TestRegistry } from '../../support/registry';

const GIB = 1024 ** 3;
const user = { username: 'me', password: 'pässword with spaces: and "quotes"' };

const api = apiOfThisFile();
let registry: TestRegistry;
let image: string;
let client: SandboxClient;
beforeAll(async () => {
  registry = await startRegistry(user);
  image = `${registry.address}/internal/tools:1`;
  await pushImage(dockerItself(), TEST_IMAGE, image, user);
  // The test machines have no keychain.
  await api.sandglass.operations.settings.update({ storeSecretsUnprotected: true });
  client = new SandboxClient(api.config);
});
afterAll(() => registry.stop());
afterEach(async () => {
  await removeEverything(api.sandglass);
  const { registries } = api.sandglass.operations;
  for (const { id } of await registries.list()) await registries.delete({ registry: id });
});

const company = () => ({ name: 'company', url: `http://${registry.address}`, ...user });

describe('client.registries', () => {
  it('are created, fetched, listed, changed and deleted, and never return a password', async () => {
    const made = await client.registries.create({ ...company(), auth_type: 'DOCKER_CONFIG' });
    expect(made).toMatchObject({
      name: 'company',
      url: `http://${registry.address}`,
      auth_type: 'DOCKER_CONFIG',
    });
    expect(made.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(await client.registries.retrieve('company')).toEqual(made);
    const listed = await client.registries.list();
    expect(listed).toEqual({ items: [made], registries: [made], next_cursor: null, offset: 0 });
    const changed = await client.registries.update('company', { name: 'renamed', username: 'you' });
    expect(changed).toMatchObject({ id: made.id, name: 'renamed', created_at: made.created_at });
    expect(Date.parse(changed.updated_at ?? '')).toBeGreaterThanOrEqual(
      Date.parse(changed.created_at ?? ''),
    );
    await client.registries.update('renamed', { password: 'another' });
    for (const said of [made, listed, changed]) {
      expect(JSON.stringify(said)).not.toMatch(/p.ssword|another/);
    }
    await client.registries.delete('renamed');
    for (const call of [
      () => client.registries.retrieve('renamed'),
      () => client.registries.update('renamed', { name: 'x' }),
      () => client.registries.delete('renamed'),
    ]) {
      expect(await thrownBy(call())).toBeInstanceOf(NotFoundError);
    }
  });

  it('are paged, newest first, by cursor and by offset', async () => {
    const names = ['one', 'two', 'three', 'other'];
    for (const name of names) await client.registries.create({ ...company(), name });
    const newestFirst = names.toReversed();
    const page = async (query: Parameters<typeof client.registries.list>[0]) => {
      const { registries = [], ...rest } = await client.registries.list(query);
      return { names: registries.map(({ name }) => name), ...rest };
    };
    expect((await page({})).names).toEqual(newestFirst);
    const first = await page({ page_size: 3 });
    expect(first).toMatchObject({ names: newestFirst.slice(0, 3), offset: 3 });
    const cursor = first.next_cursor ?? '';
    expect(await page({ page_size: 3, cursor })).toMatchObject({
      names: ['one'],
      next_cursor: null,
      offset: 0,
    });
    expect((await page({ limit: 2, offset: 1 })).names).toEqual(newestFirst.slice(1, 3));
    expect((await page({ name_contains: 'O' })).names).toEqual(['other', 'two', 'one']);
    for (const wrong of [{ limit: 0 }, { page_size: 501 }, { offset: -1 }, { cursor: 'x' }]) {
      expect(await thrownBy(page(wrong))).toBeInstanceOf(UnprocessableEntityError);
    }
  });

  it('with a taken name are refused without retries', async () => {
    await client.registries.create(company());
    await client.registries.create({ ...company(), name: 'other' });
    const fetched = vi.spyOn(globalThis, 'fetch');
    for (const call of [
      () => client.registries.create(company()),
      () => client.registries.update('other', { name: 'company' }),
    ]) {
      fetched.mockClear();
      expect(await thrownBy(call())).toBeInstanceOf(ConflictError);
      expect(fetched).toHaveBeenCalledTimes(1);
    }
    fetched.mockRestore();
  });

  it('with an invalid field, or a cloud role, are refused with the field', async () => {
    for (const [field, wrong] of [
      ['name', { name: 'Not A Name' }],
      ['url', { url: 'not an address' }],
      ['password', { password: '' }],
      ['auth_type', { auth_type: 'AWS_ROLE' as const, aws_role_arn: 'arn:aws:iam::1:role/x' }],
    ] as const) {
      const refused = await thrownBy(client.registries.create({ ...company(), ...wrong }));
      expect(refused).toBeInstanceOf(UnprocessableEntityError);
      expect(refused.message).toContain(field);
    }
    await client.registries.create(company());
    const moved = await thrownBy(client.registries.update('company', { url: 'http://elsewhere' }));
    expect(moved.message).toContain('password');
  });

  it('authenticate a build that refers to one by id', async () => {
    const { id = '' } = await client.registries.create(company());
    const built = await client.createSnapshot('internal', image, GIB, { registryId: id });
    expect(built).toMatchObject({ status: 'ready', docker_image: image, registry_id: id });
    const unknown = { registryId: crypto.randomUUID() };
    const refused = await thrownBy(client.createSnapshot('internal', image, GIB, unknown));
    expect(refused.message).toContain(unknown.registryId);
    await client.registries.update('company', { password: 'wrong' });
    const denied = await thrownBy(client.createSnapshot('again', image, GIB, { registryId: id }));
    expect(denied).toMatchObject({ resourceType: 'snapshot' });
  });
});

describe('a private image', () => {
  it.each(bothSdks)('is not pulled without credentials, by langsmith $version', async (sdk) => {
    const denied = await thrownBy(
      sdk.connect(api.config).createSnapshot('internal', image, GIB, {}),
    );
    expect(denied).toBeInstanceOf(sdk.module.LangSmithResourceCreationError);
    expect(denied.message).toContain(registry.address);
  });

  it('is pulled with the credentials that 0.7.12 sends with the build', async () => {
    const inline = new InlineClient(api.config);
    const login = {
      registryUrl: `http://${registry.address}`,
      registryUsername: user.username,
      registryPassword: user.password,
    };
    const built = await inline.createSnapshot('internal', image, GIB, login);
    expect(built).toMatchObject({ status: 'ready', docker_image: image });
    expect(JSON.stringify(built)).not.toContain('ssword');
    const wrong = { ...login, registryPassword: 'wrong' };
    const denied = await thrownBy(inline.createSnapshot('internal', image, GIB, wrong));
    expect(denied.message).not.toContain('wrong');
    expect(denied).toMatchObject({ resourceType: 'snapshot' });
  });

  it('is not pulled with two credentials, or incomplete ones', async () => {
    const inline = new InlineClient(api.config);
    const { id = '' } = await client.registries.create(company());
    const both = { registryId: id, registryUsername: 'me', registryPassword: 'x' };
    const refused = await thrownBy(inline.createSnapshot('internal', image, GIB, both));
    expect(refused).toMatchObject({ field: 'registry_id' });
    const half = { registryUsername: 'me' };
    const missing = await thrownBy(inline.createSnapshot('internal', image, GIB, half));
    expect(missing).toMatchObject({ field: 'registry_password' });
  });
});

it('a password is not stored without the user’s consent', async () => {
  const { settings } = api.sandglass.operations;
  await settings.update({ storeSecretsUnprotected: false });
  const refused = await ask(api, 'POST', '/registries', company());
  expect(refused).toMatchObject({
    status: 400,
    body: { detail: { error: 'SecretsUnprotected' } },
  });
  await settings.update({ storeSecretsUnprotected: true });
});
