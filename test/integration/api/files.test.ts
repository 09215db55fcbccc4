import { type Sandbox, SandboxClient } from 'langsmith/sandbox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiOfThisFile, ask, thrownBy } from '../../support/api';
import { type AnySandbox, bothSdks, newestSdk, text } from '../../support/clients';
import { buildSnapshot, removeEverything } from '../../support/engine';

const api = apiOfThisFile();

const NAME = 'worker';
beforeAll(async () => {
  await buildSnapshot(api.sandglass.operations);
  await new SandboxClient(api.config).createSandbox({ name: NAME, snapshotName: 'base' });
});
afterAll(() => removeEverything(api.sandglass));

describe.each(bothSdks)('files, with langsmith $version', ({ module, connect }) => {
  let box: AnySandbox;
  beforeAll(async () => {
    box = await connect(api.config).getSandbox(NAME);
  });

  it('are written and read with any bytes and names', async () => {
    const bytes = new Uint8Array(20 * 1024 ** 2).map((_, i) => (i * 7919) % 251);
    const path = '/opt/new/folder/ä file: "1"?&#%.bin';
    await box.write(path, bytes);
    expect(Buffer.compare(await box.read(path), bytes)).toBe(0);
    await box.write('/opt/text', 'grüße €🙂\n');
    expect(text(await box.read('/opt/text'))).toBe('grüße €🙂\n');
    await box.write('/opt/text', 'shorter', 30);
    expect(text(await box.read('/opt/text', 30))).toBe('shorter');
    await box.write('/opt/empty', '');
    expect((await box.read('/opt/empty')).length).toBe(0);
    await box.run('ln -s text /opt/link');
    expect(text(await box.read('/opt/link'))).toBe('shorter');
    await box.run('rm /opt/link');
  });

  it('that do not exist throw the right class', async () => {
    const missing = await thrownBy(box.read('/opt/missing'));
    expect(missing).toBeInstanceOf(module.LangSmithResourceNotFoundError);
    expect(missing).toMatchObject({ resourceType: 'file' });
    expect(missing.message).toContain('/opt/missing');
  });

  it('cannot be folders or below files', async () => {
    await box.write('/opt/file', 'x');
    const read = await thrownBy(box.read('/opt'));
    expect(read).toBeInstanceOf(module.LangSmithSandboxOperationError);
    expect(read).toMatchObject({ operation: 'read', errorType: 'ReadError' });
    for (const path of ['/opt', '/opt/file/below', 'a\0b']) {
      const written = await thrownBy(box.write(path, 'x'));
      expect(written).toBeInstanceOf(module.LangSmithSandboxOperationError);
      expect(written).toMatchObject({ operation: 'write', errorType: 'WriteError' });
    }
  });

  it('with a relative path are in the working directory', async () => {
    await box.write('relative', 'here');
    expect((await box.run('cat relative; rm relative')).stdout).toBe('here');
  });
});

describe(`files, with langsmith ${newestSdk.version} only`, () => {
  const { module } = newestSdk;
  let box: Sandbox;
  beforeAll(async () => {
    box = await new SandboxClient(api.config).getSandbox(NAME);
  });

  it('have metadata without being read', async () => {
    await box.write('/opt/parts', '0123456789');
    const { size_bytes, etag, last_modified, content_type } = await box.stat('/opt/parts');
    expect(size_bytes).toBe(10);
    expect(etag).toMatch(/^"[^"]+"$/);
    expect(Date.now() - Date.parse(last_modified ?? '')).toBeLessThan(60_000);
    expect(content_type).toBe('application/octet-stream');
    const missing = await thrownBy(box.stat('/opt/missing'));
    expect(missing).toBeInstanceOf(module.LangSmithResourceNotFoundError);
    expect(missing).toMatchObject({ resourceType: 'file' });
  });

  it('are read in ranges while unchanged', async () => {
    await box.write('/opt/parts', '0123456789');
    const { etag } = await box.stat('/opt/parts');
    const part = await box.readRange('/opt/parts', { start: 2, end: 4, ifRange: etag });
    expect(text(part.content)).toBe('234');
    expect(part).toMatchObject({ start: 2, total_bytes: 10, partial: true, etag });
    for (const [range, expected] of [
      [{ start: 7 }, '789'],
      [{ start: 7, end: 1000 }, '789'],
      [{ suffixBytes: 3 }, '789'],
      [{ suffixBytes: 1000 }, '0123456789'],
      [{ start: 0, end: 0 }, '0'],
    ] as const) {
      expect(text((await box.readRange('/opt/parts', range)).content)).toBe(expected);
    }
    const same = await box.readRange('/opt/parts', { start: 0, ifNoneMatch: etag });
    expect(same).toMatchObject({ unchanged: true, content: new Uint8Array() });
    await box.write('/opt/parts', 'something else');
    const whole = await box.readRange('/opt/parts', { start: 2, ifRange: etag });
    expect(whole).toMatchObject({ partial: false, start: 0 });
    expect(text(whole.content)).toBe('something else');
    const other = await box.readRange('/opt/parts', { start: 0, ifNoneMatch: etag });
    expect(other.unchanged).toBe(false);
  });

  it('have no range past their end', async () => {
    await box.write('/opt/parts', '0123456789');
    for (const path of ['/opt/parts', '/opt/empty']) {
      await box.write('/opt/empty', '');
      const past = await thrownBy(box.readRange(path, { start: 100 }));
      expect(past).toBeInstanceOf(module.LangSmithSandboxOperationError);
      expect(past).toMatchObject({ operation: 'read' });
    }
    const missing = await thrownBy(box.readRange('/opt/missing', { start: 0 }));
    expect(missing).toMatchObject({ resourceType: 'file' });
  });

  it('are listed, and found by their paths', async () => {
    await box.run('rm -rf /opt/tree; mkdir -p /opt/tree/sub/deep; ln -s a.py /opt/tree/link.py');
    await box.write('/opt/tree/a.py', 'x = 1\n');
    await box.write('/opt/tree/sub/b.py', 'y = 2\n');
    await box.write('/opt/tree/sub/deep/c.txt', '');
    const listed = await box.ls('/opt/tree');
    expect(listed.truncated).toBe(false);
    expect(listed.matches.map(({ path, is_dir }) => [path, is_dir])).toEqual([
      ['/opt/tree/a.py', false],
      ['/opt/tree/link.py', false],
      ['/opt/tree/sub', true],
    ]);
    expect(listed.matches[0]).toMatchObject({ size_bytes: 6 });
    expect(Date.parse(listed.matches[0]?.modified_at ?? '')).toBeGreaterThan(0);
    const paths = async (pattern: string, options = {}) =>
      (await box.glob(pattern, '/opt/tree', options)).matches.map(({ path }) => path);
    expect(await paths('**/*.py')).toEqual([
      '/opt/tree/a.py',
      '/opt/tree/link.py',
      '/opt/tree/sub/b.py',
    ]);
    expect(await paths('**/c.txt')).toEqual(['/opt/tree/sub/deep/c.txt']);
    expect(await paths('nothing*')).toEqual([]);
    const one = await box.glob('**/*.py', '/opt/tree', { limit: 1, timeout: 30 });
    expect(one).toMatchObject({ truncated: true, matches: [{ path: '/opt/tree/a.py' }] });
    expect((await box.ls('/opt/tree', { limit: 3 })).truncated).toBe(false);
  });

  it('are found by literal text in them', async () => {
    await box.run('rm -rf /opt/tree');
    await box.write('/opt/tree/a.py', 'first\ny = "a.*b[0]"\nlast a.*b[0]\n');
    await box.write('/opt/tree/sub/b.txt', 'a.*b[0]\naxxb0\n');
    expect(await box.grep('a.*b[0]', '/opt/tree')).toEqual({
      matches: [
        { path: '/opt/tree/a.py', line: 2, text: 'y = "a.*b[0]"' },
        { path: '/opt/tree/a.py', line: 3, text: 'last a.*b[0]' },
        { path: '/opt/tree/sub/b.txt', line: 1, text: 'a.*b[0]' },
      ],
      truncated: false,
    });
    const onlyPython = await box.grep('a.*b', '/opt/tree', { glob: '*.py', limit: 1 });
    expect(onlyPython).toMatchObject({ truncated: true, matches: [{ line: 2 }] });
    expect(await box.grep('nothing', '/opt/tree')).toEqual({ matches: [], truncated: false });
  });

  it('are not searched in a missing folder, or beyond the limits', async () => {
    for (const call of [
      () => box.ls('/opt/nowhere'),
      () => box.glob('*', '/opt/nowhere'),
      () => box.grep('x', '/opt/nowhere'),
    ]) {
      const missing = await thrownBy(call());
      expect(missing).toBeInstanceOf(module.LangSmithResourceNotFoundError);
      expect(missing).toMatchObject({ resourceType: 'file' });
    }
    const wrong = await thrownBy(box.glob('*', '/opt', { limit: 0 }));
    expect(wrong).toBeInstanceOf(module.LangSmithSandboxOperationError);
    expect(wrong.message).toContain('limit');
  });

  it.each([
    'application/octet-stream',
    'application/json',
    'text/plain',
    'application/x-www-form-urlencoded',
  ])('are written by a plain body too, sent as %s', async (type) => {
    const answer = await fetch(`${box.dataplane_url}/upload?path=/opt/raw`, {
      method: 'POST',
      headers: { 'x-api-key': api.config.apiKey, 'content-type': type },
      body: '{"n": 1}',
    });
    expect(await answer.json()).toEqual({ path: '/opt/raw', written: 8 });
    expect(text(await box.read('/opt/raw'))).toBe('{"n": 1}');
    expect((await ask(api, 'POST', `/${NAME}/upload`)).status).toBe(422);
  });
});
