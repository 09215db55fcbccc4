import {
  LangSmithCommandTimeoutError,
  LangSmithQuotaExceededError,
  LangSmithResourceCreationError,
  LangSmithResourceNameConflictError,
  LangSmithResourceNotFoundError,
  LangSmithResourceTimeoutError,
  LangSmithSandboxAuthenticationError,
  LangSmithSandboxCreationError,
  LangSmithSandboxError,
  LangSmithSandboxOperationError,
  LangSmithValidationError,
  type Sandbox,
  SandboxClient,
} from 'langsmith/sandbox';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ApiServer } from '../../../electron/api/server';
import type { Sandglass } from '../../../electron/engine/sandglass';
import { API_KEY, openApi, thrownBy } from '../../support/api';
import { eventually, openEngine, removeEverything, TEST_IMAGE } from '../../support/engine';

/** The real client of the hosted service, on the real server, on real Docker. */

const GIB = 1024 ** 3;
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

let sandglass: Sandglass;
let api: ApiServer & { endpoint: string };
let client: SandboxClient;
beforeAll(async () => {
  sandglass = await openEngine({ keepOpen: true });
  await sandglass.operations.settings.update({ defaultImage: TEST_IMAGE });
  api = await openApi(sandglass, { keepOpen: true });
  client = new SandboxClient({ apiEndpoint: api.endpoint, apiKey: API_KEY, maxRetries: 0 });
});
afterAll(async () => {
  await api.close();
  await sandglass.close();
});

describe('an endpoint', () => {
  it.each(['', '/api/v1/'])('is derived from LANGSMITH_ENDPOINT%s', async (suffix) => {
    process.env.LANGSMITH_ENDPOINT = api.address + suffix;
    process.env.LANGSMITH_API_KEY = API_KEY;
    try {
      const byEnvironment = new SandboxClient();
      expect(await byEnvironment.listSandboxes()).toEqual([]);
      expect(await byEnvironment.registries.list()).toMatchObject({ registries: [] });
    } finally {
      delete process.env.LANGSMITH_ENDPOINT;
      delete process.env.LANGSMITH_API_KEY;
    }
  });

  it('may be given with either prefix', async () => {
    for (const prefix of ['/v2/sandboxes', '/api/v2/sandboxes/']) {
      const given = new SandboxClient({ apiEndpoint: api.address + prefix, apiKey: API_KEY });
      expect(await given.listSandboxes()).toEqual([]);
      expect(await given.registries.list()).toMatchObject({ registries: [] });
    }
  });

  it('wants the right key', async () => {
    const stranger = new SandboxClient({ apiEndpoint: api.endpoint, apiKey: 'wrong' });
    expect(await thrownBy(stranger.listSandboxes())).toBeInstanceOf(
      LangSmithSandboxAuthenticationError,
    );
  });
});

describe('snapshots', () => {
  afterEach(() => removeEverything(sandglass));

  it('are built, got, listed and deleted', async () => {
    const built = await client.createSnapshot('team/py', TEST_IMAGE, GIB, {
      runConfig: { env_vars: { MODE: 'test' }, work_dir: '/opt', user: 'app' },
    });
    expect(built).toMatchObject({
      name: 'team/py',
      status: 'ready',
      docker_image: TEST_IMAGE,
      fs_capacity_bytes: GIB,
      run_config: { user: 'app', work_dir: '/opt', env_vars: { MODE: 'test' } },
    });
    expect(built.image_digest).toMatch(/^sha256:/);
    expect(await client.getSnapshot(built.id)).toEqual(built);
    expect((await client.getSnapshot('team/py')).id).toBe(built.id);
    expect((await client.getSnapshot('team/py:latest')).id).toBe(built.id);
    expect((await client.listSnapshots({ nameContains: 'TEAM' })).map(({ id }) => id)).toEqual([
      built.id,
    ]);
    expect(await client.listSnapshots({ nameContains: 'x' })).toEqual([]);
    await client.deleteSnapshot(built.id);
    const gone = await thrownBy(client.getSnapshot(built.id));
    expect(gone).toBeInstanceOf(LangSmithResourceNotFoundError);
    expect(gone.resourceType).toBe('snapshot');
  });

  it('are paged', async () => {
    const ids: string[] = [];
    for (const name of ['one', 'two', 'three']) {
      ids.unshift((await client.createSnapshot(name, TEST_IMAGE, GIB)).id);
    }
    const first = await client.listSnapshots({ limit: 2 });
    const second = await client.listSnapshots({ limit: 2, offset: 2 });
    expect([...first, ...second].map(({ id }) => id)).toEqual(ids);
    for (const wrong of [{ limit: 0 }, { limit: 501 }, { offset: -1 }]) {
      const refused = await thrownBy(client.listSnapshots(wrong));
      expect(refused).toBeInstanceOf(LangSmithValidationError);
      expect(refused.field).toBe(Object.keys(wrong)[0]);
    }
  });

  it('that cannot be built say why', async () => {
    const failed = await thrownBy(client.createSnapshot('x', 'sandglass-test/nowhere:1', GIB));
    expect(failed).toBeInstanceOf(LangSmithResourceCreationError);
    expect(failed.message).toContain('sandglass-test/nowhere:1');
  });

  it('with a bad name or capacity are refused by field', async () => {
    const name = await thrownBy(client.createSnapshot('Not A Name', TEST_IMAGE, GIB));
    expect(name).toMatchObject({ field: 'name' });
    expect(name).toBeInstanceOf(LangSmithValidationError);
    const capacity = await thrownBy(client.createSnapshot('x', TEST_IMAGE, 1));
    expect(capacity).toMatchObject({ field: 'fs_capacity_bytes' });
  });

  it('that a sandbox uses are not deleted', async () => {
    const snapshot = await client.createSnapshot('base', TEST_IMAGE, GIB);
    await client.createSandbox(snapshot.id, { name: 'user-of-it' });
    const refused = await thrownBy(client.deleteSnapshot(snapshot.id));
    expect(refused).toBeInstanceOf(LangSmithSandboxError);
    expect(refused.message).toContain('user-of-it');
  });

  it('outlive a caller’s timeout', async () => {
    const late = await thrownBy(
      client.createSnapshot('base', TEST_IMAGE, GIB, { timeout: 0.000_001 }),
    );
    expect(late).toBeInstanceOf(LangSmithResourceTimeoutError);
    await eventually(async () => {
      const [snapshot] = await client.listSnapshots();
      return snapshot?.status === 'ready';
    });
  });
});

describe('sandboxes', () => {
  afterEach(() => removeEverything(sandglass));

  it('boot from the default image when nothing is named', async () => {
    const box = await client.createSandbox();
    expect(box).toMatchObject({ status: 'ready', idle_ttl_seconds: 600 });
    expect(box.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(box.dataplane_url).toContain('127.0.0.1');
    expect((await box.run('echo hi')).stdout).toBe('hi\n');
  });

  it('boot by id, name and tag, with every option', async () => {
    const snapshot = await client.createSnapshot('base', TEST_IMAGE, GIB);
    const box = await client.createSandbox(snapshot.id, {
      name: 'full',
      idleTtlSeconds: 1200,
      deleteAfterStopSeconds: 0,
      vCpus: 1,
      memBytes: 256 * 1024 ** 2,
      fsCapacityBytes: 2 * GIB,
      labels: { team: 'research' },
      runConfig: { user: 'app', work_dir: '/home', env_vars: { A: '1' } },
      preserveMemoryOnStop: true,
    });
    expect(box).toMatchObject({
      name: 'full',
      snapshot_id: snapshot.id,
      idle_ttl_seconds: 1200,
      delete_after_stop_seconds: 0,
      vCpus: 1,
      mem_bytes: 256 * 1024 ** 2,
      fs_capacity_bytes: 2 * GIB,
      labels: { team: 'research' },
      preserve_memory_on_stop: true,
    });
    expect((await box.run('id -un; pwd; echo $A')).stdout).toBe('app\n/home\n1\n');
    for (const snapshotName of ['base', 'base:latest']) {
      const named = await client.createSandbox({ snapshotName });
      expect(named.snapshot_id).toBe(snapshot.id);
    }
    const both = { snapshotName: 'base' };
    expect(await thrownBy(client.createSandbox(snapshot.id, both))).toBeInstanceOf(
      LangSmithValidationError,
    );
    expect(await thrownBy(client.createSandbox({ snapshotName: 'nothing' }))).toBeInstanceOf(
      LangSmithResourceNotFoundError,
    );
  });

  it('with a taken name are refused, at creation and at renaming', async () => {
    await client.createSandbox({ name: 'one' });
    await client.createSandbox({ name: 'two' });
    const refused = await thrownBy(client.createSandbox({ name: 'one' }));
    expect(refused).toBeInstanceOf(LangSmithSandboxError);
    expect(refused.message).toContain('"one"');
    expect(await thrownBy(client.updateSandbox('two', 'one'))).toBeInstanceOf(
      LangSmithResourceNameConflictError,
    );
  });

  it('are not waited for when the caller will not', async () => {
    const box = await client.createSandbox({ name: 'later', waitForReady: false });
    expect(box.status).toBe('provisioning');
    expect((await client.waitForSandbox('later')).status).toBe('ready');
    expect(await client.getSandboxStatus('later')).toEqual({ status: 'ready' });
  });

  it('that take too long say so, and go on', async () => {
    await sandglass.operations.settings.update({ defaultImage: '127.0.0.1:1/none:1' });
    const failed = await thrownBy(client.createSandbox());
    expect(failed).toBeInstanceOf(LangSmithSandboxCreationError);
    expect(failed.errorType).toBe('ImagePull');
    await sandglass.operations.settings.update({ defaultImage: TEST_IMAGE });
  });

  it('are renamed, changed, listed, found and deleted', async () => {
    const box = await client.createSandbox({ name: 'box' });
    const changed = await client.updateSandbox('box', {
      newName: 'renamed',
      idleTtlSeconds: 0,
      deleteAfterStopSeconds: 60,
      runConfig: { env_vars: { LATER: 'yes' }, work_dir: '/opt' },
    });
    expect(changed).toMatchObject({
      id: box.id,
      name: 'renamed',
      idle_ttl_seconds: 0,
      delete_after_stop_seconds: 60,
    });
    expect((await changed.run('echo $LATER; pwd')).stdout).toBe('yes\n/opt\n');
    expect((await client.listSandboxes()).map(({ name }) => name)).toEqual(['renamed']);
    expect((await client.getSandbox(box.id ?? '')).name).toBe('renamed');
    await client.deleteSandbox('renamed');
    for (const call of [client.getSandbox('renamed'), client.deleteSandbox('renamed')]) {
      const gone = await thrownBy(call);
      expect(gone).toBeInstanceOf(LangSmithResourceNotFoundError);
      expect(gone.resourceType).toBe('sandbox');
    }
  });

  it('stop and start without losing a byte, and resume by themselves', async () => {
    const box = await client.createSandbox({ name: 'my-vm' });
    await box.run("echo 'hello' > /tmp/state.txt");
    await box.stop();
    const stopped = await client.getSandbox('my-vm');
    expect(stopped.status).toBe('stopped');
    expect(Date.parse(stopped.stopped_at ?? '')).toBeGreaterThan(0);
    await box.start();
    expect((await box.run('cat /tmp/state.txt')).stdout).toBe('hello\n');
    await client.stopSandbox('my-vm');
    expect(text(await box.read('/tmp/state.txt'))).toBe('hello\n');
    await client.stopSandbox('my-vm');
    expect((await client.startSandbox('my-vm')).status).toBe('ready');
  });

  it('keep their memory over a stop when they are to', async () => {
    const box = await client.createSandbox({ preserveMemoryOnStop: true });
    await box.run('sleep 1000 >/dev/null 2>&1 & echo $! > /tmp/pid');
    await box.stop();
    expect((await client.getSandbox(box.name)).status).toBe('stopped');
    await box.start();
    expect((await box.run('kill -0 $(cat /tmp/pid) && echo alive')).stdout).toBe('alive\n');
  });

  it('are captured, and what is captured boots with what was written', async () => {
    const box = await client.createSandbox({
      name: 'setup-box',
      labels: { team: 'a' },
      runConfig: { env_vars: { A: '1' } },
    });
    await box.write('/opt/config.yaml', 'model: gpt-5\n');
    await box.write('/tmp/gone', 'x');
    const captured = await box.captureSnapshot('ml-ready', { fsCapacityBytes: GIB });
    expect(captured).toMatchObject({
      name: 'ml-ready',
      source_sandbox_id: box.id,
      fs_capacity_bytes: GIB,
      labels: { team: 'a' },
    });
    await box.delete();
    const next = await client.createSandbox(captured.id);
    expect(text(await next.read('/opt/config.yaml'))).toBe('model: gpt-5\n');
    expect((await next.run('ls /tmp; echo $A')).stdout).toBe('1\n');
  });
});

describe('in a sandbox', () => {
  let box: Sandbox;
  beforeAll(async () => {
    box = await client.createSandbox({ name: 'worker' });
  });
  afterAll(() => removeEverything(sandglass));

  it('commands tell their output apart, and how they end', async () => {
    const result = await box.run('echo hi; echo e >&2; exit 3');
    expect(result).toEqual({ stdout: 'hi\n', stderr: 'e\n', exit_code: 3 });
  });

  it('commands get environment, directory and user, layer over layer', async () => {
    const runConfig = { env_vars: { A: 'ä' }, work_dir: '/opt', user: 'app' };
    const { stdout } = await box.run('echo $A; pwd; id -un', { runConfig });
    expect(stdout).toBe('ä\n/opt\napp\n');
    expect((await box.run('echo $B; pwd', { env: { B: '2' }, cwd: '/etc' })).stdout).toBe(
      '2\n/etc\n',
    );
    const missing = await thrownBy(box.run('true', { cwd: '/nowhere' }));
    expect(missing).toBeInstanceOf(LangSmithSandboxOperationError);
    expect(missing.message).toContain('/nowhere');
  });

  it('input ends at once unless it is kept open', async () => {
    expect((await box.run('cat; echo end')).stdout).toBe('end\n');
    const handle = await box.run('cat', { wait: false, closeInput: false });
    handle.sendInput('ünd ');
    handle.sendInput('so\n');
    handle.closeInput();
    expect((await handle.result).stdout).toBe('ünd so\n');
  });

  it('a timeout kills the whole group', async () => {
    const late = await thrownBy(box.run('sleep 4321 & sleep 4321', { timeout: 1 }));
    expect(late).toBeInstanceOf(LangSmithCommandTimeoutError);
    expect((await box.run('pgrep -f "sleep 4321" || echo none')).stdout).toBe('none\n');
  });

  it('a command is killed by its handle', async () => {
    const handle = await box.run('echo started; sleep 1000', { wait: false });
    for await (const chunk of handle) if (chunk.data.includes('started')) handle.kill();
    expect((await handle.result).exit_code).toBe(137);
  });

  it('chunks come with byte offsets, and no character is split', async () => {
    const command = 'i=0; while [ $i -lt 400 ]; do printf "äöü€🙂"; i=$((i+1)); done; sleep 0.2';
    const handle = await box.run(command, { wait: false });
    let at = 0;
    let all = '';
    for await (const { offset, data } of handle) {
      expect(offset).toBe(at);
      at += Buffer.byteLength(data);
      all += data;
    }
    expect(all).toBe('äöü€🙂'.repeat(400));
    expect(handle.pid).toBeGreaterThan(0);
  });

  it('the same command id never starts a second process', async () => {
    const commandId = crypto.randomUUID();
    const command = 'echo run >> /opt/runs; sleep 0.5; echo done';
    const [first, second] = await Promise.all([
      box.run(command, { commandId }),
      box.run(command, { commandId }),
    ]);
    expect(first.stdout).toBe('done\n');
    expect(second).toEqual(first);
    const replay = await box.reconnect(commandId);
    expect((await replay.result).stdout).toBe('done\n');
    expect((await box.run('cat /opt/runs')).stdout).toBe('run\n');
  });

  it('an unknown command and an expired one are told apart', async () => {
    const unknown = await box.reconnect('nothing-of-that-name');
    expect(await thrownBy(unknown.result)).toMatchObject({ errorType: 'CommandNotFound' });
    const commandId = crypto.randomUUID();
    await box.run('true', { commandId, ttlSeconds: 0 });
    await eventually(async () => {
      const expired = await box.reconnect(commandId);
      const outcome = await expired.result.catch((thrown: { errorType: string }) => thrown);
      return 'errorType' in outcome && outcome.errorType === 'SessionExpired';
    });
  });

  it('a terminal is one, and its end of input ends', async () => {
    const handle = await box.run('test -t 0 && echo terminal; cat', { wait: false, pty: true });
    handle.sendInput('\u0004');
    expect((await handle.result).stdout).toContain('terminal');
  });

  it('files go in and out, whatever their bytes and names', async () => {
    const bytes = new Uint8Array(20 * 1024 ** 2).map((_, i) => (i * 7919) % 251);
    const path = '/opt/new/folder/ä file: "1".bin';
    await box.write(path, bytes);
    expect(Buffer.compare(await box.read(path), bytes)).toBe(0);
    await box.write('/opt/empty', '');
    expect((await box.read('/opt/empty')).length).toBe(0);
    const missing = await thrownBy(box.read('/opt/missing'));
    expect(missing).toBeInstanceOf(LangSmithResourceNotFoundError);
    expect(missing.resourceType).toBe('file');
    expect(await thrownBy(box.read('/opt'))).toBeInstanceOf(LangSmithSandboxError);
  });

  it('files are read in parts, while they stay the same', async () => {
    await box.write('/opt/parts', '0123456789');
    const { etag, size_bytes } = await box.stat('/opt/parts');
    expect(size_bytes).toBe(10);
    const part = await box.readRange('/opt/parts', { start: 2, end: 4, ifRange: etag });
    expect(text(part.content)).toBe('234');
    expect(part).toMatchObject({ start: 2, total_bytes: 10, partial: true, etag });
    expect(text((await box.readRange('/opt/parts', { suffixBytes: 3 })).content)).toBe('789');
    const same = await box.readRange('/opt/parts', { start: 0, ifNoneMatch: etag });
    expect(same.unchanged).toBe(true);
    await box.write('/opt/parts', 'something else');
    const whole = await box.readRange('/opt/parts', { start: 2, ifRange: etag });
    expect(whole).toMatchObject({ partial: false, start: 0 });
    expect(text(whole.content)).toBe('something else');
    const past = await thrownBy(box.readRange('/opt/parts', { start: 100 }));
    expect(past).toMatchObject({ operation: 'read' });
    expect(past).toBeInstanceOf(LangSmithSandboxOperationError);
  });

  it('files are found', async () => {
    await box.write('/opt/tree/a.py', 'x = 1\n');
    await box.write('/opt/tree/sub/b.py', 'y = "a.*b"\n');
    const listed = await box.ls('/opt/tree');
    expect(listed.matches.map(({ path, is_dir }) => [path, is_dir])).toEqual([
      ['/opt/tree/a.py', false],
      ['/opt/tree/sub', true],
    ]);
    const found = await box.glob('**/*.py', '/opt/tree', { limit: 1 });
    expect(found).toMatchObject({ truncated: true, matches: [{ path: '/opt/tree/a.py' }] });
    expect(await box.grep('a.*b', '/opt/tree', { glob: '*.py' })).toEqual({
      matches: [{ path: '/opt/tree/sub/b.py', line: 1, text: 'y = "a.*b"' }],
      truncated: false,
    });
  });

  it('a full disk is a quota that is spent', async () => {
    const tiny = await client.createSandbox({ fsCapacityBytes: 16 * 1024 ** 2 });
    await tiny.run('dd if=/dev/zero of=/opt/fill bs=1M count=20');
    const refused = await thrownBy(tiny.captureSnapshot('full'));
    expect(refused).toBeInstanceOf(LangSmithResourceCreationError);
    expect(refused.message).toContain('capacity');
    expect(LangSmithQuotaExceededError).toBeDefined();
  });
});
