import { type ErrorInfo, toSandglassError } from '#shared/errors';
import { openWithApi } from './api/localApi';
import { ensureHome } from './engine/host';
import { resolveHome } from './homePaths';
import { openLog } from './log';

/**
 * Runs the engine without a window (`npm start -- --headless`). Prints one line of JSON to stdout:
 * the addresses when ready, or the error, followed by exit code 1. Exits cleanly on SIGTERM or
 * SIGINT.
 */
async function main(): Promise<void> {
  const home = resolveHome(process.env);
  ensureHome(home);
  const log = openLog(home);
  // Only logs: Node still exits.
  process.on('uncaughtExceptionMonitor', (thrown) => log('Uncaught:', thrown));
  const sandglass = openWithApi({
    home,
    env: process.env,
    onError: (thrown) => log('Background error:', thrown),
  });
  // Keeps the process keepAlive while Docker is unreachable.
  const keepAlive = setInterval(() => {}, 2 ** 31 - 1);
  let isEnding = false;
  const end = async (code: number) => {
    if (isEnding) return;
    isEnding = true;
    clearInterval(keepAlive);
    await sandglass.close().catch((thrown: unknown) => {
      log('Could not close the engine:', thrown);
      process.exitCode = 1;
    });
    process.exit(process.exitCode ?? code);
  };
  process.on('SIGTERM', () => void end(0));
  process.on('SIGINT', () => void end(0));
  const engine = await sandglass.operations.engine.retry();
  const { state, address, socketPath, error } = await sandglass.localApi.settled();
  if (isEnding) return;
  if (error) {
    // The process would be unusable without its API.
    printFailure(error);
    await end(1);
    return;
  }
  const api = { state, address, socketPath };
  console.log(JSON.stringify({ ready: true, home, engine, api }));
}

function printFailure(error: ErrorInfo): void {
  console.log(JSON.stringify({ ready: false, error }));
}

main().catch((thrown: unknown) => {
  printFailure(toSandglassError(thrown).toInfo());
  process.exit(1);
});
