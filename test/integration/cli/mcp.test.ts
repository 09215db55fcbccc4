import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiServer } from '../../../electron/api/server';
import type { Engine } from '../../../electron/engine/engine';
import { openApi } from '../../support/api';
import { buildCli, cliEnv } from '../../support/cli';
import {
  buildSnapshot,
  eventually,
  openTestEngine,
  removeEverything,
  TEST_IMAGE,
} from '../../support/engine';

/** `sandglass mcp` with the client of the official SDK, over stdin and stdout, as in a coding agent. */

let sandglass: Engine;
let api: ApiServer;
let agent: Client;
beforeAll(async () => {
  sandglass = await openTestEngine({ keepOpen: true });
  await sandglass.operations.settings.update({ defaultImage: TEST_IMAGE });
  api = await openApi(sandglass, { keepOpen: true });
  await buildSnapshot(sandglass.operations, { name: 'base' });
  agent = await connect(cliEnv(api.address));
  await call('create_sandbox', { snapshot: 'base', name: 'box', env_vars: { MODE: 'test' } });
});
afterAll(async () => {
  await agent.close();
  await removeEverything(sandglass);
  await api.close();
  await sandglass.close();
});

async function connect(env: NodeJS.ProcessEnv): Promise<Client> {
  const [command = '', ...args] = await buildCli();
  const client = new Client({ name: 'test-agent', version: '1' });
  const given = Object.entries(env).flatMap(([name, value]) => (value ? [[name, value]] : []));
  const transport = new StdioClientTransport({
    command,
    args: [...args, 'mcp'],
    env: Object.fromEntries(given) as Record<string, string>,
  });
  await client.connect(transport);
  return client;
}

interface Answer {
  text: string;
  isError: boolean;
}

async function call(name: string, args: Record<string, unknown> = {}): Promise<Answer> {
  return answerOf(await agent.callTool({ name, arguments: args }));
}

function answerOf(result: Awaited<ReturnType<Client['callTool']>>): Answer {
  const content = result.content as Array<{ type: string; text: string }>;
  return { text: content.map(({ text }) => text).join(''), isError: result.isError === true };
}

const run = (command: string, more: object = {}) =>
  call('run_command', { sandbox: 'box', command, ...more });

describe('the server', () => {
  it('describes each tool and each of its arguments', async () => {
    const { tools } = await agent.listTools();
    expect(tools.map(({ name }) => name).sort()).toEqual([
      'capture_sandbox',
      'create_sandbox',
      'delete_sandbox',
      'list_files',
      'list_sandboxes',
      'list_snapshots',
      'read_file',
      'run_command',
      'start_sandbox',
      'stop_sandbox',
      'write_file',
    ]);
    for (const { name, description, inputSchema } of tools) {
      expect(description, name).toMatch(/\.$/);
      for (const [field, schema] of Object.entries(inputSchema.properties ?? {})) {
        expect(schema, `${name}: ${field}`).toHaveProperty('description');
      }
    }
    expect(agent.getInstructions()).toContain('sandbox');
  });

  it('reports errors as tool errors, and continues', async () => {
    const missing = await call('stop_sandbox', { sandbox: 'nobody' });
    expect(missing).toMatchObject({ isError: true, text: expect.stringContaining('"nobody"') });
    const invalid = await call('run_command', { sandbox: 'box' });
    expect(invalid).toMatchObject({ isError: true, text: expect.stringContaining('command') });
    expect((await run('echo on')).text).toContain('on');
  });

  it('reports how to start the app if it does not run', async () => {
    const lonely = await connect(cliEnv('http://127.0.0.1:9'));
    const answer = answerOf(await lonely.callTool({ name: 'list_sandboxes', arguments: {} }));
    expect(answer).toMatchObject({ isError: true, text: expect.stringContaining('npm start') });
    await lonely.close();
  });
});

describe('sandboxes', () => {
  it('are listed with their snapshots', async () => {
    const [snapshot] = JSON.parse((await call('list_snapshots')).text);
    expect(snapshot).toMatchObject({ name: 'base', status: 'ready' });
    const boxes = JSON.parse((await call('list_sandboxes')).text);
    expect(boxes).toMatchObject([{ name: 'box', status: 'ready', snapshot_id: snapshot.id }]);
  });

  it('are stopped, started, captured and deleted', async () => {
    await call('create_sandbox', { name: 'other' });
    expect((await call('stop_sandbox', { sandbox: 'other' })).isError).toBe(false);
    expect((await call('start_sandbox', { sandbox: 'other' })).isError).toBe(false);
    const captured = await call('capture_sandbox', { sandbox: 'other', name: 'kept', tag: 'v1' });
    expect(JSON.parse(captured.text)).toMatchObject({ status: 'ready', tags: ['v1'] });
    expect((await call('delete_sandbox', { sandbox: 'other' })).isError).toBe(false);
    const boxes = JSON.parse((await call('list_sandboxes')).text) as Array<{ name: string }>;
    expect(boxes.map(({ name }) => name)).toEqual(['box']);
  });
});

describe('commands', () => {
  it('return the exit code and both streams', async () => {
    const answer = await run('echo "$MODE $PWD"; cat; echo err >&2; exit 3', {
      cwd: '/opt',
      stdin: 'typed',
    });
    expect(answer).toEqual({
      isError: false,
      text: 'exit code 3\n\nstdout:\ntest /opt\ntyped\n\nstderr:\nerr\n',
    });
  });

  it('with a long output return its beginning and end', async () => {
    const { text } = await run('seq 1 200000');
    expect(text.length).toBeLessThan(32_000);
    expect(text).toContain('stdout:\n1\n2\n3\n');
    expect(text).toMatch(/\[… \d+ characters omitted\..*…\]/);
    expect(text.endsWith('\n199999\n200000\n')).toBe(true);
  });

  it('that take too long are killed, and return their output', async () => {
    const answer = await run('echo begun; sleep 4731', { timeout_seconds: 1 });
    expect(answer.isError).toBe(true);
    expect(answer.text).toMatch(/^.*within 1 s.*\n\nstdout:\nbegun\n$/);
    await expect
      .poll(async () => (await run("ps -o args | grep '[s]leep 4731'")).text)
      .toBe('exit code 1');
  });

  it('are killed when the agent cancels', async () => {
    const cancel = new AbortController();
    const running = agent
      .callTool(
        { name: 'run_command', arguments: { sandbox: 'box', command: 'sleep 4732' } },
        undefined,
        { signal: cancel.signal },
      )
      .catch(() => 'cancelled');
    const isThere = async () => (await run("ps -o args | grep '[s]leep 4732'")).text;
    await eventually(async () => (await isThere()).startsWith('exit code 0'));
    cancel.abort();
    expect(await running).toBe('cancelled');
    await eventually(async () => (await isThere()) === 'exit code 1');
  });
});

describe('files', () => {
  it('are written, read and listed', async () => {
    const content = 'äö€\nline two\n';
    expect((await call('write_file', { sandbox: 'box', path: '/opt/a/b.txt', content })).text).toBe(
      'Wrote 17 bytes to /opt/a/b.txt.',
    );
    expect((await call('read_file', { sandbox: 'box', path: '/opt/a/b.txt' })).text).toBe(content);
    const listed = await call('list_files', { sandbox: 'box', path: '/opt', pattern: '**/*' });
    expect(listed.text).toBe('/opt/a/\n/opt/a/b.txt  17 bytes');
    const missing = await call('read_file', { sandbox: 'box', path: '/opt/none' });
    expect(missing).toMatchObject({ isError: true, text: expect.stringContaining('/opt/none') });
  });

  it('that are large are read in parts, without splitting characters', async () => {
    await run("i=0; while [ $i -lt 20000 ]; do echo 'aä€🙂'; i=$((i+1)); done > /opt/large");
    let text = '';
    for (let offset = 0, parts = 0; ; parts += 1) {
      const answer = await call('read_file', { sandbox: 'box', path: '/opt/large', offset });
      const [part = '', next] = answer.text.split(/\n\[… \d+ more bytes: continue with offset /);
      text += part;
      if (!next) break;
      offset = Number.parseInt(next, 10);
      expect(parts).toBeLessThan(20);
    }
    expect(text === 'aä€🙂\n'.repeat(20_000)).toBe(true);
  });

  it('that are binary are transferred in base64', async () => {
    const bytes = Buffer.from([0, 255, 1, 254, 10, 13]);
    const content = bytes.toString('base64');
    await call('write_file', { sandbox: 'box', path: '/opt/bin', content, encoding: 'base64' });
    const { text } = await call('read_file', { sandbox: 'box', path: '/opt/bin' });
    expect(text).toBe(`[binary, in base64]\n${content}`);
  });
});
