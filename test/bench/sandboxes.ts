import { TEST_IMAGE } from '../support/images';
import { type Comparison, compare } from './measure';
import type { Setting } from './setting';

/** Boots, stops and starts, compared with the docker command and the start of a container. */
export async function benchSandboxes(setting: Setting): Promise<Comparison[]> {
  const { sandglass, docker, cli, boot } = setting;
  const { operations } = sandglass;
  const keeper = ['/bin/sh', '-c', 'while :; do sleep 86400; done'];
  const removeOwn = () => operations.sandboxes.delete({ sandbox: 'bench' });
  let created: string;
  const remove = () => docker.getContainer(created).remove({ force: true });

  const booting = await compare(
    'Boot a sandbox until commands can run',
    15,
    { name: 'Sandglass', run: () => boot('bench'), after: removeOwn },
    {
      name: '`docker run -d`',
      run: async () => {
        created = await cli('run', '-d', '--init', TEST_IMAGE, ...keeper);
      },
      after: remove,
    },
    {
      name: 'the start of an existing container',
      before: async () => {
        const HostConfig = { Init: true };
        created = (await docker.createContainer({ Image: TEST_IMAGE, Cmd: keeper, HostConfig })).id;
      },
      run: () => docker.getContainer(created).start(),
      after: remove,
    },
  );

  await boot('bench');
  created = await cli('run', '-d', '--init', TEST_IMAGE, ...keeper);
  const restarting = await compare(
    'Stop a sandbox and start it again',
    8,
    {
      name: 'Sandglass',
      run: async () => {
        await operations.sandboxes.stop({ sandbox: 'bench' });
        await operations.sandboxes.start({ sandbox: 'bench' });
      },
    },
    {
      name: '`docker stop -t 1`, `docker start`',
      run: async () => {
        await cli('stop', '-t', '1', created);
        await cli('start', created);
      },
    },
  );
  const resuming = await compare(
    'Suspend a sandbox and resume it',
    15,
    {
      name: 'Sandglass',
      run: async () => {
        await operations.sandboxes.suspend({ sandbox: 'bench' });
        await operations.sandboxes.start({ sandbox: 'bench' });
      },
    },
    {
      name: '`docker pause`, `docker unpause`',
      run: async () => {
        await cli('pause', created);
        await cli('unpause', created);
      },
    },
  );
  await removeOwn();
  await remove();
  return [booting, restarting, resuming];
}
