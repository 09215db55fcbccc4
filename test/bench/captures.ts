import { runInSandbox } from '../support/runInSandbox';
import { type Comparison, compare } from './measure';
import type { Setting } from './setting';

/** Captures, compared with a commit of the same container. */
export async function benchCaptures(setting: Setting): Promise<Comparison[]> {
  const { sandglass, docker, cli, boot, succeed } = setting;
  const { operations } = sandglass;
  await boot('bench');
  const command = 'dd if=/dev/urandom of=/opt/change bs=1M count=100';
  await runInSandbox(sandglass, { sandbox: 'bench', command });
  const [container = { Id: '' }] = await docker.listContainers();
  let snapshotId = '';
  const capture = await compare(
    'Capture a sandbox with 100 MiB of changes',
    5,
    {
      name: 'Sandglass',
      run: async () => {
        const { snapshot, task } = await operations.snapshots.capture({
          sandbox: 'bench',
          name: 'captured',
        });
        await succeed(task);
        snapshotId = snapshot.id;
      },
      after: () => operations.snapshots.delete({ id: snapshotId }),
    },
    {
      name: '`docker commit`',
      run: () => cli('commit', container.Id, 'bench-commit:1'),
      after: async () => {
        await cli('rmi', 'bench-commit:1');
      },
    },
  );
  await operations.sandboxes.delete({ sandbox: 'bench' });
  return [capture];
}
