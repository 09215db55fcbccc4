import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../electron/engine/engine';
import {
  bootSandbox,
  buildSnapshot,
  dockerItself,
  eventually,
  openTestEngine,
  refusal,
  removeEverything,
} from '../support/engine';
import { freePort, takePort } from '../support/ports';
import { runInSandbox } from '../support/runInSandbox';

let sandglass: Engine;
let operations: Engine['operations'];
beforeAll(async () => {
  sandglass = await openTestEngine({ keepOpen: true });
  operations = sandglass.operations;
  await buildSnapshot(operations);
});
afterAll(async () => {
  await removeEverything(sandglass);
  await sandglass.close();
});

const run = async (sandbox: string, command: string) =>
  await runInSandbox(sandglass, { sandbox, command });
const containerOf = async (id: string) => {
  const filters = { label: [`dev.sandglass.id=${id}`] };
  const [found] = await dockerItself().listContainers({ all: true, filters });
  return await dockerItself()
    .getContainer(found?.Id ?? '')
    .inspect();
};

describe('a sandbox is safe by default', () => {
  it('in its configuration in Docker', async () => {
    const { id } = await bootSandbox(operations, { snapshotName: 'base' });
    const { HostConfig, Mounts } = await containerOf(id);
    expect(HostConfig).toMatchObject({
      Privileged: false,
      SecurityOpt: ['no-new-privileges'],
      PidsLimit: 4096,
      PidMode: '',
      IpcMode: 'private',
      CapAdd: null,
      Binds: null,
    });
    expect(HostConfig.Devices ?? []).toEqual([]);
    expect(Mounts.map(({ Destination }) => Destination)).toEqual(['/tmp']);
  });

  it('from inside its processes', async () => {
    await bootSandbox(operations, { name: 'inside', snapshotName: 'base' });
    const { stdout } = await run(
      'inside',
      [
        'grep NoNewPrivs /proc/self/status',
        'ls /var/run/docker.sock /run/docker.sock 2>&1 | grep -vc "No such file"',
        'ulimit -n; ulimit -c',
      ].join('; '),
    );
    expect(stdout).toBe('NoNewPrivs:\t1\n0\n16384\n0\n');
  });
});

it('limits the number of processes of a fork bomb', async () => {
  const box = await bootSandbox(operations, {
    name: 'bomb',
    snapshotName: 'base',
    pidsLimit: 32,
  });
  expect(box.pidsLimit).toBe(32);
  const { stderr } = await run('bomb', 'for i in $(seq 100); do sleep 60 & done');
  expect(stderr).toMatch(/can't fork/i);
  await operations.sandboxes.delete({ sandbox: 'bomb' });
});

describe('the network', () => {
  it('is available by default', async () => {
    await bootSandbox(operations, { name: 'online', snapshotName: 'base' });
    expect((await run('online', 'ls /sys/class/net')).stdout).toContain('eth0');
  });

  it('is unavailable when off', async () => {
    const box = await bootSandbox(operations, {
      name: 'offline',
      snapshotName: 'base',
      network: false,
    });
    expect(box.network).toBe(false);
    expect((await run('offline', 'ls /sys/class/net')).stdout).toBe('lo\n');
  });

  it('off with published ports is refused with the field', async () => {
    const create = operations.sandboxes.create({
      snapshotName: 'base',
      network: false,
      ports: [{ containerPort: 80 }],
    });
    expect(await refusal(create)).toMatchObject({ code: 'invalid_input', field: 'ports' });
  });
});

describe('published ports', () => {
  it('listen on loopback only, on a free or the requested port', async () => {
    const wanted = await freePort();
    await bootSandbox(operations, {
      name: 'web',
      snapshotName: 'base',
      ports: [{ containerPort: 8000 }, { containerPort: 9000, hostPort: wanted }],
    });
    await run('web', 'echo hello > /opt/index.html; httpd -p 8000 -h /opt; httpd -p 9000 -h /opt');
    const { id, ports } = await operations.sandboxes.get({ sandbox: 'web' });
    expect(ports.map(({ containerPort }) => containerPort)).toEqual([8000, 9000]);
    expect(ports[1]?.hostPort).toBe(wanted);
    for (const { hostPort } of ports) {
      expect(await (await fetch(`http://127.0.0.1:${hostPort}/`)).text()).toBe('hello\n');
    }
    const { NetworkSettings } = await containerOf(id);
    const bound = Object.values(NetworkSettings.Ports).flat();
    expect(bound.map(({ HostIp }) => HostIp)).toEqual(['127.0.0.1', '127.0.0.1']);
  });

  it('are reported again after a stop and a start', async () => {
    await operations.sandboxes.stop({ sandbox: 'web' });
    const [stopped] = (await operations.sandboxes.get({ sandbox: 'web' })).ports;
    expect(stopped?.hostPort).toBeNull();
    await operations.sandboxes.start({ sandbox: 'web' });
    await run('web', 'httpd -p 8000 -h /opt');
    const [started] = (await operations.sandboxes.get({ sandbox: 'web' })).ports;
    const answer = await fetch(`http://127.0.0.1:${started?.hostPort}/`);
    expect(await answer.text()).toBe('hello\n');
  });

  it('that are taken are reported, and nothing is left behind', async () => {
    const { port: hostPort, free } = await takePort();
    const { sandbox, task } = await operations.sandboxes.create({
      name: 'taken',
      snapshotName: 'base',
      ports: [{ containerPort: 80, hostPort }],
    });
    const { error } = await operations.tasks.wait({ id: task.id });
    await free();
    expect(error).toMatchObject({
      code: 'conflict',
      field: 'ports',
      message: expect.stringContaining(String(hostPort)),
    });
    expect(await refusal(operations.sandboxes.get({ sandbox: sandbox.id }))).toMatchObject({
      code: 'not_found',
    });
  });
});

describe('suspending', () => {
  it('keeps processes and memory, and resumes them', async () => {
    await bootSandbox(operations, { name: 'frozen', snapshotName: 'base' });
    await run(
      'frozen',
      '(i=0; while :; do i=$((i+1)); echo $i > /opt/n; sleep 0.1; done) >/dev/null 2>&1 &',
    );
    const suspended = await operations.sandboxes.suspend({ sandbox: 'frozen' });
    expect(suspended).toMatchObject({ status: 'stopped', suspended: true });
    expect(suspended.stoppedAt).not.toBeNull();
    expect(await operations.sandboxes.start({ sandbox: 'frozen' })).toMatchObject({
      status: 'ready',
      suspended: false,
      stoppedAt: null,
    });
    const before = Number((await run('frozen', 'cat /opt/n')).stdout);
    await eventually(async () => Number((await run('frozen', 'cat /opt/n')).stdout) > before);
  });

  it('ends automatically with the next command', async () => {
    await operations.sandboxes.suspend({ sandbox: 'frozen' });
    expect((await run('frozen', 'echo on')).stdout).toBe('on\n');
    expect((await operations.sandboxes.get({ sandbox: 'frozen' })).suspended).toBe(false);
  });

  it('ends with a stop or a deletion', async () => {
    await operations.sandboxes.suspend({ sandbox: 'frozen' });
    expect(await operations.sandboxes.stop({ sandbox: 'frozen' })).toMatchObject({
      status: 'stopped',
      suspended: false,
    });
    await operations.sandboxes.start({ sandbox: 'frozen' });
    await operations.sandboxes.suspend({ sandbox: 'frozen' });
    await operations.sandboxes.delete({ sandbox: 'frozen' });
  });

  it('with Docker is the same to Sandglass', async () => {
    const { id } = await bootSandbox(operations, { name: 'by-hand', snapshotName: 'base' });
    const { Id } = await containerOf(id);
    await dockerItself().getContainer(Id).pause();
    await eventually(async () => (await operations.sandboxes.get({ sandbox: id })).suspended);
    await dockerItself().getContainer(Id).unpause();
    await eventually(async () => !(await operations.sandboxes.get({ sandbox: id })).suspended);
  });

  it('is refused for a stopped sandbox', async () => {
    await operations.sandboxes.stop({ sandbox: 'by-hand' });
    expect(await refusal(operations.sandboxes.suspend({ sandbox: 'by-hand' }))).toMatchObject({
      code: 'not_running',
    });
  });
});
