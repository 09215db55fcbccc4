import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { commitFiller } from '../support/images';
import { runInSandbox } from '../support/runInSandbox';
import { type Comparison, type Contender, compare } from './measure';
import type { Setting } from './setting';

const exec = promisify(execFile);

const IMAGE = 'sandglass-bench/to-index';
const MEBIBYTES = 300;

/** Speed of indexing a large snapshot, and its effect on a boot and a capture. */
export async function benchContents(setting: Setting): Promise<Comparison[]> {
  const { sandglass, docker, cli, boot, succeed, host } = setting;
  const { operations } = sandglass;
  await commitFiller(docker, IMAGE, MEBIBYTES);
  const setIndexing = (lookInside: boolean) => operations.settings.update({ lookInside });
  let bigId = '';
  const makeBig = async () => {
    const { snapshot, task } = await operations.snapshots.create({
      name: 'to-index',
      image: `${IMAGE}:1`,
    });
    await succeed(task);
    bigId = snapshot.id;
  };
  const removeBig = () => operations.snapshots.delete({ id: bigId });
  const until = async (condition: () => Promise<boolean>) => {
    while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  const isIndexing = async () => {
    const { reading } = await operations.contents.status();
    return reading?.snapshotId === bigId && reading.bytesDone > 0;
  };
  const isIndexed = async () =>
    (await operations.contents.picture({ snapshotId: bigId })).state === 'ready';
  /** Measures the same operation with and without indexing. */
  const whileIndexing = (run: Contender['run'], clear: () => Promise<unknown>): Contender[] =>
    [true, false].map((indexes) => ({
      name: indexes ? 'while a snapshot is indexed' : 'while nothing is indexed',
      before: async () => {
        await setIndexing(false);
        await makeBig();
        await setIndexing(indexes);
        if (indexes) await until(isIndexing);
      },
      run,
      after: async () => {
        await clear();
        await removeBig();
      },
    }));

  const [bootIndexing, bootAlone] = whileIndexing(
    () => boot('bench'),
    () => operations.sandboxes.delete({ sandbox: 'bench' }),
  ) as [Contender, Contender];
  const booting = await compare(
    'Boot a sandbox while a snapshot is indexed',
    8,
    bootIndexing,
    bootAlone,
  );

  await boot('captured');
  const command = 'dd if=/dev/urandom of=/opt/change bs=1M count=50';
  await runInSandbox(sandglass, { sandbox: 'captured', command });
  let captureId = '';
  const [captureIndexing, captureAlone] = whileIndexing(
    async () => {
      const { snapshot, task } = await operations.snapshots.capture({
        sandbox: 'captured',
        name: 'capture',
      });
      await succeed(task);
      captureId = snapshot.id;
    },
    () => operations.snapshots.delete({ id: captureId }),
  ) as [Contender, Contender];
  const capturing = await compare(
    'Capture 50 MiB while a snapshot is indexed',
    5,
    captureIndexing,
    captureAlone,
  );
  await operations.sandboxes.delete({ sandbox: 'captured' });

  const indexing = await compare(
    `Index a snapshot of ${MEBIBYTES} MiB`,
    3,
    {
      name: 'Sandglass',
      before: async () => {
        await setIndexing(false);
        await makeBig();
      },
      run: async () => {
        await setIndexing(true);
        await until(isIndexed);
      },
      after: removeBig,
    },
    {
      name: '`docker export` to `/dev/null`',
      before: async () => {
        await cli('create', '--name', 'export', `${IMAGE}:1`, 'x');
      },
      run: () => exec('sh', ['-c', `docker -H ${host} export export | cat > /dev/null`]),
      after: async () => {
        await cli('rm', 'export');
      },
    },
  );
  return [booting, capturing, indexing];
}
