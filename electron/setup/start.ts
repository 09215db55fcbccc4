import { join } from 'node:path';
import { buildIfStale } from './build';
import { onDisplay } from './display';
import { electronEnvironment, electronExecutable } from './electronBinary';
import { sandboxArguments } from './electronSandbox';
import { readHost } from './host';
import { prepareForHeadless, prepareForWindow } from './prepare';
import { runInForeground } from './processes';
import { projectFolder } from './project';
import { runScript } from './say';

/** `npm start [-- --headless] [-- arguments of the app]` */
await runScript(async () => {
  const args = process.argv.slice(2);
  if (!args.includes('--headless')) return await startWindow(args);
  return await startHeadless(args.filter((arg) => arg !== '--headless'));
});

async function startWindow(args: string[]): Promise<number> {
  const host = readHost();
  const electron = await prepareForWindow(host);
  const executable = electronExecutable(electron);
  const sandbox = sandboxArguments(host, executable);
  const failure = await buildIfStale();
  if (failure) return failure;
  return await onDisplay(host, (display) =>
    runInForeground(executable, [...sandbox, projectFolder, ...args], {
      env: { ...electronEnvironment(electron), ...display },
    }),
  );
}

/** The engine alone, in plain Node: no Electron, no display. */
async function startHeadless(args: string[]): Promise<number> {
  await prepareForHeadless(readHost());
  const failure = await buildIfStale();
  if (failure) return failure;
  return await runInForeground(process.execPath, [
    join(projectFolder, 'out', 'main', 'headless.js'),
    ...args,
  ]);
}
