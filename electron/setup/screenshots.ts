import { electronEnvironment } from './binaries/electronBinary';
import { buildIfStale } from './build';
import { onVirtualDisplay } from './host/display';
import { readHost } from './host/host';
import { runInForeground } from './lib/processes';
import { packageCommand, projectFolder } from './lib/project';
import { runScript } from './lib/status';
import { prepareForTests } from './prepare';
import { removeTestRemains } from './testRemains';

/** `npm run screenshots`: drives the app and writes `out/screenshots/*.png`. */
await runScript(async () => {
  const electron = await prepareForTests(readHost());
  const failure = await buildIfStale();
  if (failure) return failure;
  const playwright = packageCommand('@playwright/test', 'playwright');
  try {
    return await onVirtualDisplay((display) =>
      runInForeground(
        process.execPath,
        [playwright, 'test', '-c', 'test/screenshots.config.ts', ...process.argv.slice(2)],
        { cwd: projectFolder, env: { ...electronEnvironment(electron), ...display } },
      ),
    );
  } finally {
    await removeTestRemains();
  }
});
