import { buildIfStale } from './build';
import { onVirtualDisplay } from './display';
import { electronEnvironment } from './electronBinary';
import { readHost } from './host';
import { prepareForTests } from './prepare';
import { runInForeground } from './processes';
import { packageCommand, projectFolder } from './project';
import { runScript } from './say';
import { removeTestRemains } from './testRemains';

/** `npm run screenshots`: drives the real app and writes `docs/screenshots/*.png`. */
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
