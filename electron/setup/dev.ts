import { electronEnvironment, electronExecutable } from './binaries/electronBinary';
import { sandboxArguments } from './binaries/electronSandbox';
import { onDisplay } from './host/display';
import { readHost } from './host/host';
import { runInForeground } from './lib/processes';
import { packageCommand, projectFolder } from './lib/project';
import { runScript } from './lib/status';
import { prepareForWindow } from './prepare';

/** `npm run dev`: runs the app with hot reload. Arguments are passed to electron-vite. */
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
