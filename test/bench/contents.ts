import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { commitFiller } from '../support/images';
import { runInSandbox } from '../support/runInSandbox';
import { type Comparison, type Contender, compare } from './measure';
import type { Setting } from './setting';

const exec = promisify(execFile);

const IMAGE = 'sandglass-bench/to-read';
const MEBIBYTES = 300;

/** Speed of indexing a large snapshot, and its effect on a boot and a capture. */
export async function benchContents(setting: Setting): Promise<Comparison[]> {
  const { sandglass, docker, cli, boot, succeed, host } = setting;
  const { operations } = sandglass;
  await commitFiller(docker, IMAGE, MEBIBYTES);
  const look = (lookInside: boolean) => operations.settings.update({ lookInside });
  let bigId = '';
  const makeBig = async () => {
    const { snapshot, task } = await operations.snapshots.create({
      name: 'to-read',
      image: `${IMAGE}:1`,
    });
    await succeed(task);
    bigId = snapshot.id;
  };
  const removeBig = () => operations.snapshots.delete({ id: bigId });
  const until = async (isSo: () => Promise<boolean>) => {
    while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  const isReading = async () => {
    const { reading } = await operations.contents.status();
    return reading?.snapshotId === bigId && reading.bytesDone > 0;
  };
  const isRead = async () =>
    (await operations.contents.picture({ snapshotId: bigId })).state === 'ready';
  /** Measures the same operation with and without indexing. */
  const besideReading = (run: Contender['run'], clear: () => Promise<unknown>): Contender[] =>
    [true, false].map((reads) => ({
      name: reads ? 'while a snapshot is read' : 'while nothing is read',
      before: async () => {
        await look(false);
        await makeBig();
        await look(reads);
        if (reads) await until(isReading);
      },
      run,
      after: async () => {
        await clear();
        await removeBig();
      },
    }));

  const [bootRead, bootAlone] = besideReading(
    () => boot('bench'),
    () => operations.sandboxes.delete({ sandbox: 'bench' }),
  ) as [Contender, Contender];
  const booting = await compare('Boot a sandbox in the meantime', 8, bootRead, bootAlone);

  await boot('captured');
  const command = 'dd if=/dev/urandom of=/opt/change bs=1M count=50';
  await runInSandbox(sandglass, { sandbox: 'captured', command });
  let captureId = '';
  const [captureRead, captureAlone] = besideReading(
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
  const capturing = await compare('Capture 50 MiB in the meantime', 5, captureRead, captureAlone);
  await operations.sandboxes.delete({ sandbox: 'captured' });

  const reading = await compare(
    `Look into a snapshot of ${MEBIBYTES} MiB`,
    3,
    {
      name: 'Sandglass',
      before: async () => {
        await look(false);
        await makeBig();
      },
      run: async () => {
        await look(true);
        await until(isRead);
      },
      after: removeBig,
    },
    {
      name: '`docker export` to nowhere',
      before: async () => {
        await cli('create', '--name', 'export', `${IMAGE}:1`, 'x');
      },
      run: () => exec('sh', ['-c', `docker -H ${host} export export | cat > /dev/null`]),
      after: async () => {
        await cli('rm', 'export');
      },
    },
  );
  return [booting, capturing, reading];
}
