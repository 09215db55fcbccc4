import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FLOW_HIGH_BYTES, type TerminalOutput } from '#shared/terminalPort';
import type { Engine } from '../../electron/engine/engine';
import {
  bootSandbox,
  buildSnapshot,
  openTestEngine,
  refusal,
  removeEverything,
} from '../support/engine';
import { runInSandbox } from '../support/runInSandbox';

let sandglass: Engine;
let operations: Engine['operations'];
beforeAll(async () => {
  sandglass = await openTestEngine({ keepOpen: true });
  operations = sandglass.operations;
  await buildSnapshot(operations);
});
beforeEach(async () => {
  await bootSandbox(operations, { name: 'box', snapshotName: 'base' });
  return () => operations.sandboxes.delete({ sandbox: 'box' });
});
afterAll(async () => {
  await removeEverything(sandglass);
  await sandglass.close();
});

/** A view that collects its output, and acknowledges at once by default. */
function watch(terminalId: string, options: { acknowledge: boolean } = { acknowledge: true }) {
  const messages: TerminalOutput[] = [];
  const seen = { text: '', bytes: 0 };
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const attachment = sandglass.attachTerminal(terminalId, {
    send: (message) => {
      messages.push(message);
      if (message.type === 'replay') seen.text += message.screen;
      if (message.type !== 'output') return;
      // Throws if a character is split between two messages.
      seen.text += decoder.decode(message.bytes);
      seen.bytes += message.bytes.length;
      if (options.acknowledge) queueMicrotask(() => attachment.acknowledge(message.bytes.length));
    },
  });
  const type = (text: string) => attachment.input(new TextEncoder().encode(text));
  return { ...attachment, messages, seen, type };
}

const open = () => operations.terminals.open({ sandbox: 'box', cols: 80, rows: 24 });
const processes = async () =>
  (await runInSandbox(sandglass, { sandbox: 'box', command: 'ps' })).stdout;

describe('a terminal', () => {
  it('has a size, follows changes of it, and sets TERM', async () => {
    const view = watch((await open()).id);
    view.type('stty size; test -t 0 && echo "on $TERM"\n');
    await expect.poll(() => view.seen.text).toContain('on xterm-256color');
    expect(view.seen.text).toContain('24 80');
    view.resize({ cols: 132, rows: 50 });
    await expect
      .poll(() => {
        view.type('stty size\n');
        return view.seen.text;
      })
      .toContain('50 132');
  });

  it('does not split multi-byte characters', async () => {
    const view = watch((await open()).id);
    view.type(
      "i=0; while [ $i -lt 3000 ]; do printf 'é漢💥'; i=$((i+1)); done; echo; echo fin''ished\n",
    );
    await expect.poll(() => view.seen.text, { timeout: 20_000 }).toContain('finished');
    expect(view.seen.text).toContain('é漢💥'.repeat(3000));
  });

  it('continues without a view, and restores the screen in the next one', async () => {
    const { id } = await open();
    const first = watch(id);
    first.type('cd /opt; MARK=still-here; echo first-view\n');
    await expect.poll(() => first.seen.text).toContain('first-view\r\n');
    first.detach();
    const second = watch(id);
    await expect.poll(() => second.seen.text).toContain('first-view');
    second.type('echo $MARK in $PWD\n');
    await expect.poll(() => second.seen.text).toContain('still-here in /opt');
    expect(first.seen.text).not.toContain('still-here in');
  });

  it('throttles the shell while a view lags, and resumes when it catches up', async () => {
    const view = watch((await open()).id, { acknowledge: false });
    view.type('yes 0123456789012345678901234567890123456789 | head -c 4000000; echo do""ne\n');
    await expect.poll(() => view.seen.bytes).toBeGreaterThan(FLOW_HIGH_BYTES);
    let before = -1;
    await expect
      .poll(() => {
        const same = before === view.seen.bytes;
        before = view.seen.bytes;
        return same;
      })
      .toBe(true);
    // Data in flight may still arrive after the pause; four megabytes may not.
    expect(view.seen.bytes).toBeLessThan(FLOW_HIGH_BYTES + 1_000_000);
    let acknowledged = 0;
    await expect
      .poll(
        () => {
          view.acknowledge(view.seen.bytes - acknowledged);
          acknowledged = view.seen.bytes;
          return view.seen.text.endsWith('done\r\n') || view.seen.text.includes('done\r\n');
        },
        { timeout: 30_000 },
      )
      .toBe(true);
    expect(view.seen.bytes).toBeGreaterThan(4_000_000);
  });

  it('reports the exit of its shell with the code', async () => {
    const { id } = await open();
    const view = watch(id);
    view.type('exit 5\n');
    await expect.poll(() => view.messages.at(-1)).toEqual({ type: 'ended', exitCode: 5 });
    const [terminal] = await operations.terminals.list();
    expect(terminal).toMatchObject({ id, state: 'ended', exitCode: 5 });
    // A later view receives it too.
    await expect.poll(() => watch(id).messages).toEqual([]);
    const late = watch(id);
    await expect.poll(() => late.messages.at(-1)).toEqual({ type: 'ended', exitCode: 5 });
    await operations.terminals.close({ id });
  });

  it('ends all of its processes when closed', async () => {
    const { id } = await open();
    const view = watch(id);
    view.type('sleep 8888 & sleep 8888\n');
    await expect.poll(processes).toContain('sleep 8888');
    await operations.terminals.close({ id });
    await expect.poll(processes).not.toContain('sleep 8888');
    expect(await operations.terminals.list()).toEqual([]);
    expect(() => watch(id)).toThrow('This terminal does not exist.');
  });

  it('ends with its sandbox, and a new one opens after the start', async () => {
    const { id } = await open();
    const view = watch(id);
    await operations.sandboxes.stop({ sandbox: 'box' });
    await expect.poll(() => view.messages.at(-1)?.type).toBe('ended');
    expect(await refusal(open())).toMatchObject({ code: 'not_running' });
    await operations.sandboxes.start({ sandbox: 'box' });
    expect((await open()).id).not.toBe(id);
  });
});

it('opens the best available shell', async () => {
  expect((await open()).shell).toBe('/bin/sh');
  const command = 'printf "#!/bin/sh\\nexec sh" > /bin/bash; chmod 755 /bin/bash';
  await runInSandbox(sandglass, { sandbox: 'box', command });
  const { shell, id } = await open();
  expect(shell).toBe('/bin/bash');
  await operations.terminals.close({ id });
});
