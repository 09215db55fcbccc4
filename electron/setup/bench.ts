import { buildIfStale } from './build';
import { onVirtualDisplay } from './display';
import { electronEnvironment } from './electronBinary';
import { readHost } from './host';
import { prepareForTests } from './prepare';
import { runInForeground } from './processes';
import { projectFolder } from './project';
import { runScript } from './say';
import { removeTestRemains } from './testRemains';

/** `npm run bench`: measures beside Docker itself, and writes `docs/BENCHMARKS.md`. */
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
