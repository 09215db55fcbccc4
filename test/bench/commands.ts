import type { Duplex } from 'node:stream';
import { runInSandbox } from '../support/runInSandbox';
import { type Comparison, compare } from './measure';
import type { Setting } from './setting';

/** Commands, compared with the docker command and the Engine API. */
export async function benchCommands(setting: Setting): Promise<Comparison[]> {
  const { sandglass, docker, cli, boot } = setting;
  await boot('bench');
  const [container = { Id: '' }] = await docker.listContainers();

  const short = await compare(
    'Run `true` in a sandbox',
    25,
    {
      name: 'Sandglass',
      run: () => runInSandbox(sandglass, { sandbox: 'bench', command: 'true' }),
    },
    { name: '`docker exec`', run: () => cli('exec', container.Id, 'true') },
    {
      name: 'the Engine API (exec, start, inspect)',
      run: async () => {
        const exec = await docker
          .getContainer(container.Id)
          .exec({ Cmd: ['/bin/sh', '-c', 'true'], AttachStdout: true, AttachStderr: true });
        await ended(await exec.start({ hijack: true }));
        await exec.inspect();
      },
    },
  );
  const flood = 'head -c 104857600 /dev/zero';
  const long = await compare(
    'Read 100 MiB of a command’s output',
    5,
    {
      name: 'Sandglass',
      run: () => runInSandbox(sandglass, { sandbox: 'bench', command: flood, timeoutSeconds: 120 }),
    },
    { name: '`docker exec`', run: () => cli('exec', container.Id, 'sh', '-c', flood) },
  );
  await sandglass.operations.sandboxes.delete({ sandbox: 'bench' });
  return [short, long];
}

async function ended(stream: Duplex): Promise<void> {
  stream.resume();
  await new Promise((resolve) => stream.once('end', resolve));
}
