import { type ErrorInfo, toSandglassError } from '#shared/errors';
import { openWithApi } from './api/localApi';
import { ensureHome } from './engine/host';
import { resolveHome } from './homePaths';
import { openLog } from './log';

/**
 * The engine without a window (`npm start -- --headless`). Says in one line of JSON on stdout that it
 * is ready and where, or that it is not and why (and ends with code 1). Ends cleanly on SIGTERM or
 * SIGINT.
 */
async function main(): Promise<void> {
  const home = resolveHome(process.env);
  ensureHome(home);
  const log = openLog(home);
  // Only written down: Node still ends the process.
  process.on('uncaughtExceptionMonitor', (thrown) => log('Uncaught:', thrown));
  const sandglass = openWithApi({
    home,
    env: process.env,
    onError: (thrown) => log('In the background:', thrown),
  });
  // Nothing else may keep the process alive while Docker is away.
  const alive = setInterval(() => {}, 2 ** 31 - 1);
  let isEnding = false;
  const end = async (code: number) => {
    if (isEnding) return;
    isEnding = true;
    clearInterval(alive);
    await sandglass.close().catch((thrown: unknown) => {
      log('While closing:', thrown);
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
    // Without its API nobody could reach it.
    sayNotReady(error);
    await end(1);
    return;
  }
  const api = { state, address, socketPath };
  console.log(JSON.stringify({ ready: true, home, engine, api }));
}

function sayNotReady(error: ErrorInfo): void {
  console.log(JSON.stringify({ ready: false, error }));
}

main().catch((thrown: unknown) => {
  sayNotReady(toSandglassError(thrown).toInfo());
  process.exit(1);
});
