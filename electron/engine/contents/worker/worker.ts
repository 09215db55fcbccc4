import { type MessagePort, workerData } from 'node:worker_threads';
import { RPCHandler } from '@orpc/server/message-port';
import { wireSerializers } from '#shared/wire';
import { ContentsIndex } from '../database';
import { createWorkerRouter } from './workerRouter';

/** The thread that reads filesystems and answers from their index, so that no other thread waits. */
const { file, port } = workerData as { file: string; port: MessagePort };
const index = ContentsIndex.open(file);
// What is damaged is met, and told, by the first who needs it.
void index.tidy().catch(() => {});
const handler = new RPCHandler(createWorkerRouter(index), {
  customJsonSerializers: wireSerializers,
});
handler.upgrade(port);
