import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OperationInputs } from '#shared/contract/index';
import type { Engine } from '../../electron/engine/engine';
import {
  bootSandbox,
  buildSnapshot,
  dockerItself,
  openTestEngine,
  refusal,
  removeEverything,
} from '../support/engine';

const MIB = 1024 ** 2;

/** More than any machine has: Docker refuses it. */
const TOO_MANY_CPUS = 512;

const egress = {
  rules: [
    {
      name: 'token',
      hosts: ['api.example.com'],
      headers: [{ name: 'Authorization', secret: false, value: 'Bearer before' }],
    },
  ],
  access: null,
};

type Change = Omit<OperationInputs['sandboxes']['update'], 'sandbox'>;

const everything: Change = {
  name: 'renamed',
  idleStopSeconds: 600,
  deleteAfterStopSeconds: 1200,
  runConfig: { user: 'app', workDir: '/opt', env: { CHANGED: 'yes' } },
  egress: { rules: [], access: { mode: 'allow', hosts: ['example.com'] } },
  vcpus: 0.25,
  memBytes: 48 * MIB,
};

let engine: Engine;
let operations: Engine['operations'];
beforeEach(async () => {
  engine = await openTestEngine();
  operations = engine.operations;
  await buildSnapshot(operations);
  await bootSandbox(operations, {
    ...{ name: 'box', snapshotName: 'base', vcpus: 0.5, memBytes: 64 * MIB, egress },
  });
});
afterEach(() => removeEverything(engine));

/** State of the sandbox in the engine and in Docker. */
async function stateOf(sandbox: string) {
  const { id, ...fields } = await operations.sandboxes.get({ sandbox });
  const docker = dockerItself();
  const [found] = await docker.listContainers({
    filters: { label: [`dev.sandglass.id=${id}`, 'dev.sandglass.kind=sandbox'] },
  });
  const container = await docker.getContainer(found?.Id ?? '').inspect();
  const { NanoCpus, Memory, MemorySwap } = container.HostConfig;
  return {
    fields: { ...fields, fsUsedBytes: null },
    containerName: container.Name,
    limits: { NanoCpus, Memory, MemorySwap },
    networks: Object.keys(container.NetworkSettings.Networks),
  };
}

describe('an update of a sandbox', () => {
  it('changes all that it names', async () => {
    const updated = await operations.sandboxes.update({ sandbox: 'box', ...everything });
    expect(updated).toMatchObject({
      ...{ name: 'renamed', idleStopSeconds: 600, deleteAfterStopSeconds: 1200 },
      ...{ vcpus: 0.25, memBytes: 48 * MIB, egress: everything.egress },
      runConfig: { user: 'app', workDir: '/opt', env: { CHANGED: 'yes' } },
    });
    const { containerName, limits } = await stateOf('renamed');
    expect(containerName).toMatch(/^\/sandglass-renamed-/);
    expect(limits).toMatchObject({ NanoCpus: 0.25e9, Memory: 48 * MIB });
  });

  it('changes nothing when the name is taken', async () => {
    await bootSandbox(operations, { name: 'other', snapshotName: 'base' });
    const before = await stateOf('box');
    const call = operations.sandboxes.update({ sandbox: 'box', ...everything, name: 'other' });
    expect(await refusal(call)).toMatchObject({ code: 'name_taken', field: 'name' });
    expect(await stateOf('box')).toEqual(before);
  });

  it('changes nothing when Docker refuses the limits', async () => {
    const before = await stateOf('box');
    const change = { ...everything, vcpus: TOO_MANY_CPUS };
    expect(await refusal(operations.sandboxes.update({ sandbox: 'box', ...change }))).toMatchObject(
      { message: expect.stringContaining('CPUs') },
    );
    expect(await stateOf('box')).toEqual(before);
  });

  it('changes nothing when the egress is invalid', async () => {
    const before = await stateOf('box');
    const [rule] = egress.rules;
    const change = {
      ...everything,
      egress: { rules: [{ ...rule, name: 'new', hosts: ['~(a)\\1'], headers: [] }], access: null },
    };
    expect(await refusal(operations.sandboxes.update({ sandbox: 'box', ...change }))).toMatchObject(
      { code: 'invalid_input' },
    );
    expect(await stateOf('box')).toEqual(before);
  });
});
