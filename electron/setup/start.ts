import { join } from 'node:path';
import { electronEnvironment, electronExecutable } from './binaries/electronBinary';
import { sandboxArguments } from './binaries/electronSandbox';
import { buildIfStale } from './build';
import { onDisplay } from './host/display';
import { readHost } from './host/host';
import { runInForeground } from './lib/processes';
import { projectFolder } from './lib/project';
import { runScript } from './lib/status';
import { prepareForHeadless, prepareForWindow } from './prepare';

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

/** Runs the engine in plain Node, without Electron and a display. */
async function startHeadless(args: string[]): Promise<number> {
  await prepareForHeadless(readHost());
  const failure = await buildIfStale();
  if (failure) return failure;
  return await runInForeground(process.execPath, [
    join(projectFolder, 'out', 'main', 'headless.js'),
    ...args,
  ]);
}
