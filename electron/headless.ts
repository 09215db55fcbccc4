import { toSandglassError } from '#shared/errors';
import { openWithApi } from './api/localApi';
import { ensureHome, resolveHome } from './engine/home';
import { openLog } from './log';

/**
 * The engine without a window (`npm start -- --headless`). Says in one line of JSON on stdout that it
 * is ready, and ends cleanly on SIGTERM or SIGINT.
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
  let isEnding = false;
  const end = () => {
    if (isEnding) return;
    isEnding = true;
    void sandglass.close().then(() => process.exit(0));
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  const engine = await sandglass.operations.engine.retry();
  const { state, address, socketPath, error } = await sandglass.localApi.settled();
  const api = { state, address, socketPath, error };
  console.log(JSON.stringify({ ready: true, home, engine, api }));
  // Nothing else may keep the process alive while Docker is away.
  setInterval(() => {}, 2 ** 31 - 1);
}

main().catch((thrown: unknown) => {
  const error = toSandglassError(thrown);
  console.error(JSON.stringify({ ready: false, error: error.toInfo() }));
  process.exit(1);
});
