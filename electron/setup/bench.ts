import { electronEnvironment } from './binaries/electronBinary';
import { buildIfStale } from './build';
import { onVirtualDisplay } from './host/display';
import { readHost } from './host/host';
import { runInForeground } from './lib/processes';
import { projectFolder } from './lib/project';
import { runScript } from './lib/status';
import { prepareForTests } from './prepare';
import { removeTestRemains } from './testRemains';

/** `npm run bench`: runs the benchmarks against plain Docker and writes docs/BENCHMARKS.md. */
await runScript(async () => {
  const electron = await prepareForTests(readHost());
  const failure = await buildIfStale();
  if (failure) return failure;
  try {
    return await onVirtualDisplay((display) =>
      runInForeground(process.execPath, ['--import', 'tsx', 'test/bench/main.ts'], {
        cwd: projectFolder,
        env: { ...electronEnvironment(electron), ...display },
      }),
    );
  } finally {
    await removeTestRemains();
  }
});
