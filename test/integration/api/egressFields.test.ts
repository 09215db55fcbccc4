import {
  LangSmithSandboxError,
  LangSmithValidationError,
  opaqueSecret,
  SandboxClient,
  workspaceSecret,
} from 'langsmith/sandbox';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { apiOfThisFile } from '../../support/api';
import { removeEverything } from '../../support/engine';

const api = apiOfThisFile();
let client: SandboxClient;
beforeAll(async () => {
  await api.sandglass.operations.settings.update({ storeSecretsUnprotected: true });
  client = new SandboxClient(api.config);
});
afterAll(() => removeEverything(api.sandglass));

it('invalid rules are refused with the field', async () => {
  const refused = async (config: object) => {
    const outcome = await client
      .createSandbox({ name: 'refused', proxyConfig: config })
      .catch((thrown: unknown) => thrown);
    if (outcome instanceof LangSmithSandboxError) return outcome;
    throw new Error('It was not refused.');
  };
  const secretName = { name: 'Authorization', ...workspaceSecret('KEY') };
  const workspace = { rules: [{ name: 'r', match_hosts: ['a.test'], headers: [secretName] }] };
  expect((await refused(workspace)).message).toContain('opaque');
  const both = { access_control: { allow_list: ['a.test'], deny_list: ['b.test'] } };
  expect((await refused(both)).message).toContain('not both');
  expect((await refused({ rules: [{ name: 'r', type: 'aws', aws: {} }] })).message).toContain(
    'aws',
  );
  for (const host of ['~(', 'a b', 'a:99999', '10.0.0.0/99']) {
    const wrong = await refused({ access_control: { allow_list: [host] } });
    expect(wrong).toBeInstanceOf(LangSmithValidationError);
  }
  const split = { name: 'x', type: 'plaintext', value: 'a\r\nb: c' };
  const injected = { rules: [{ name: 'r', match_hosts: ['a.test'], headers: [split] }] };
  expect(await refused(injected)).toBeInstanceOf(LangSmithValidationError);
  expect(await client.listSandboxes()).toEqual([]);
  await api.sandglass.operations.settings.update({ storeSecretsUnprotected: false });
  try {
    const headers = [{ name: 'Authorization', ...opaqueSecret('Bearer secret') }];
    const unprotected = await refused({
      rules: [{ name: 'bearer', match_hosts: ['a.test'], headers }],
    });
    expect(unprotected.message).toContain('keychain');
  } finally {
    await api.sandglass.operations.settings.update({ storeSecretsUnprotected: true });
  }
  expect(await client.listSandboxes()).toEqual([]);
});
