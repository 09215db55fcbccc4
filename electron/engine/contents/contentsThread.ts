import { MessageChannel, Worker } from 'node:worker_threads';
import { createORPCClient, onError } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import type { RouterClient } from '@orpc/server';
import { throwSandglassError, wireSerializers } from '#shared/wire';
import type { WorkerRouter } from './worker';

export interface ContentsThread {
  /** Calls reject with a SandglassError; all of them once the thread has ended. */
  readonly calls: RouterClient<WorkerRouter>;
  close(): Promise<void>;
}

/**
 * Starts the contents worker on an index file.
 *
 * @param onEnd receives the error that ended the thread
 */
export function startContentsThread(
  file: string,
  onEnd: (thrown: unknown) => void,
): ContentsThread {
  // A port of its own closes with the thread, which rejects pending calls.
  const { port1: port, port2: threadPort } = new MessageChannel();
  const worker = startWorker({
    workerData: { file, port: threadPort },
    transferList: [threadPort],
  });
  worker.unref();
  worker.on('error', onEnd);
  const calls: RouterClient<WorkerRouter> = createORPCClient(
    new RPCLink({
      port,
      customJsonSerializers: wireSerializers,
      interceptors: [onError(throwSandglassError)],
    }),
  );
  port.unref();
  return {
    calls,
    close: async () => {
      await calls.close().catch(() => {});
      await worker.terminate();
    },
  };
}

function startWorker(options: ConstructorParameters<typeof Worker>[1]): Worker {
  const here = import.meta.url;
  if (here.endsWith('.ts')) {
    // Runs from source in tests. Node 20 takes no module loader in a worker's options.
    const module = JSON.stringify(new URL('./worker/worker.ts', here).href);
    const code = `import('tsx/esm/api').then(({ register }) => { register(); return import(${module}); })`;
    return new Worker(code, { ...options, eval: true });
  }
  // The bundle has the worker beside the main script, and shared code one folder below.
  const isChunk = new URL(here).pathname.includes('/chunks/');
  const bundled = isChunk ? '../contentsWorker.js' : './contentsWorker.js';
  return new Worker(new URL(bundled, here), options);
}
