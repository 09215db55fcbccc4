import { type MessagePort, workerData } from 'node:worker_threads';
import { RPCHandler } from '@orpc/server/message-port';
import { wireSerializers } from '#shared/wire';
import { ContentsIndex } from '../database';
import { createWorkerRouter } from './workerRouter';

/** Worker thread that reads filesystems and answers queries of their index. */
const { file, port } = workerData as { file: string; port: MessagePort };
const index = ContentsIndex.open(file);
// Damage is reported by the first query that meets it.
void index.tidy().catch(() => {});
const handler = new RPCHandler(createWorkerRouter(index), {
  customJsonSerializers: wireSerializers,
});
handler.upgrade(port);
