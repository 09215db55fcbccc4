import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiServer } from '../../../electron/api/server';
import type { Engine } from '../../../electron/engine/engine';
import { openApi } from '../../support/api';
import { buildCli, cliEnv, runCli } from '../../support/cli';
import {
  bootSandbox,
  buildSnapshot,
  eventually,
  openTestEngine,
  removeEverything,
} from '../../support/engine';
import { runInSandbox } from '../../support/runInSandbox';
import { onTerminal } from '../../support/terminal';

/** `sandglass shell` on a pseudo-terminal, as users of `docker exec -it` expect it. */

const BOX = 'box';
let sandglass: Engine;
let api: ApiServer;
let env: NodeJS.ProcessEnv;
let cli: string[];
beforeAll(async () => {
  cli = await buildCli();
  sandglass = await openTestEngine({ keepOpen: true });
  api = await openApi(sandglass, { keepOpen: true });
  env = cliEnv(api.address);
  const { id } = await buildSnapshot(sandglass.operations);
  await bootSandbox(sandglass.operations, { snapshotId: id, name: BOX });
});
afterAll(async () => {
  await removeEverything(sandglass);
  await api.close();
  await sandglass.close();
});

const open = (...args: string[]) => onTerminal([...cli, ...args], env);
const running = async (name: string) => {
  const command = `ps -o args | grep '[${name[0]}]${name.slice(1)}' || true`;
  return (await runInSandbox(sandglass, { sandbox: BOX, command })).stdout.trim();
};
/** The prompt; busybox then queries the cursor, and clears the rest when the terminal is resized. */
const ESCAPE = String.fromCharCode(27);
const PROMPT = new RegExp(`# (${ESCAPE}\\[(6n|J))*$`);

describe('a shell', () => {
  it('is interactive, and exits with its code', async () => {
    const user = open('shell', BOX);
    await user.sees(PROMPT);
    user.type('test -t 0 && test -t 1 && echo is-a-$((1))-terminal $TERM ä\n');
    await user.sees(/is-a-1-terminal xterm-256color ä/);
    // Output is unchanged: a converted line feed would break full-screen programs.
    user.type("stty -onlcr; printf 'a\\nb\\n'; stty onlcr\n");
    await user.sees(/a\nb\n/);
    user.type('exit 7\n');
    expect(await user.ended).toEqual({ code: 7, restored: true });
  });

  it('follows the size of the terminal', async () => {
    const user = open('shell', BOX);
    await user.sees(PROMPT);
    user.type('stty size\n');
    await user.sees(/30 100/);
    await user.sees(PROMPT);
    user.resize(121, 43);
    await eventually(async () => {
      user.type('stty size\n');
      await user.sees(/\d+ \d+\r\n/);
      return user.screen().includes('43 121');
    });
    user.type('exit\n');
    await user.ended;
  });

  it('receives Ctrl+C and Ctrl+D as from a terminal', async () => {
    const user = open('shell', BOX);
    await user.sees(PROMPT);
    user.type('sleep 4721; echo "code $?"\n');
    await eventually(async () => (await running('sleep 4721')) !== '');
    user.type('\u0003');
    await user.sees(PROMPT);
    expect(await running('sleep 4721')).toBe('');
    user.type('echo still-$((1))-here\n');
    await user.sees(/still-1-here/);
    await user.sees(PROMPT);
    user.type('\u0004');
    expect(await user.ended).toMatchObject({ restored: true });
  });

  it('is ended when the CLI is ended, and the terminal is restored', async () => {
    const user = open('shell', BOX);
    await user.sees(PROMPT);
    user.type('sleep 4722\n');
    await eventually(async () => (await running('sleep 4722')) !== '');
    user.signal(15);
    expect(await user.ended).toEqual({ code: 143, restored: true });
    await eventually(async () => (await running('sleep 4722')) === '');
  });

  it('ends with its sandbox, and the terminal is restored', async () => {
    const [{ id = '' } = {}] = (await sandglass.operations.snapshots.list()).snapshots;
    await bootSandbox(sandglass.operations, { snapshotId: id, name: 'going' });
    const user = open('shell', 'going');
    await user.sees(PROMPT);
    await sandglass.operations.sandboxes.delete({ sandbox: 'going' });
    const { code, restored } = await user.ended;
    expect(code).toBeGreaterThan(0);
    expect(restored).toBe(true);
  });

  it('reports in one line that it cannot be opened', async () => {
    const nobody = open('shell', 'nobody');
    expect(await nobody.ended).toEqual({ code: 125, restored: true });
    expect(nobody.screen()).toMatch(/^sandglass: .*"nobody".*\r\n$/);
    const piped = await runCli(env, ['shell', BOX]);
    expect(piped).toMatchObject({ code: 125, out: '' });
    expect(piped.err).toContain('not a terminal');
  });
});

describe('run --tty', () => {
  it('runs any command on this terminal', async () => {
    // Docker sets its size shortly after the start.
    const sized = 'until stty size 2>/dev/null | grep .; do sleep 0.1; done';
    const user = open('run', '--tty', BOX, '--', 'sh', '-c', `${sized}; read a; echo "<$a>"`);
    await user.sees(/30 100\r\n/);
    user.type('typed\n');
    await user.sees(/<typed>/);
    expect(await user.ended).toEqual({ code: 0, restored: true });
  });
});
