import { serveApi } from '../../electron/api/server';
import { openEngine } from '../../electron/engine/engine';

/** Runs the engine and its API in a separate process, whose memory can be measured. Prints the port. */
const sandglass = openEngine({ home: process.env.SANDGLASS_HOME ?? '', env: process.env });
await sandglass.operations.engine.retry();
const api = await serveApi(sandglass, { port: 0, key: () => process.env.SANDGLASS_API_KEY ?? '' });
console.log(api.port);
process.once('SIGTERM', () => void api.close().then(() => sandglass.close()));
