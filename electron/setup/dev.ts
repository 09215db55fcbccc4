import { onDisplay } from './display';
import { electronEnvironment, electronExecutable } from './electronBinary';
import { sandboxArguments } from './electronSandbox';
import { readHost } from './host';
import { prepareForWindow } from './prepare';
import { runInForeground } from './processes';
import { packageCommand, projectFolder } from './project';
import { runScript } from './say';

/** `npm run dev`: the window with hot reload. Arguments are electron-vite's. */
await runScript(async () => {
  const host = readHost();
  const electron = await prepareForWindow(host);
  const isUnsandboxed = sandboxArguments(host, electronExecutable(electron)).length > 0;
  const args = ['dev', ...(isUnsandboxed ? ['--noSandbox'] : []), ...process.argv.slice(2)];
  const command = packageCommand('electron-vite', 'electron-vite');
  return await onDisplay(host, (display) =>
    runInForeground(process.execPath, [command, ...args], {
      cwd: projectFolder,
      env: { ...electronEnvironment(electron), ...display },
    }),
  );
});
