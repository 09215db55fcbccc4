import { setImmediate } from 'node:timers/promises';
import type Database from 'better-sqlite3';

/** A search waits no longer than this for what is written. Milliseconds. */
const BATCH_MS = 20;

/**
 * Takes the steps of a long writing, some at a time in a transaction of their own. What lies between two
 * yields is all done or not at all; others come in between after any of them.
 *
 * @throws the signal's reason when it is aborted: the batches until then stay
 */
export async function inBatches(
  database: Database.Database,
  steps: Iterator<void>,
  signal: AbortSignal,
): Promise<void> {
  const batch = database.transaction(() => {
    const began = performance.now();
    let { done } = steps.next();
    while (!done && performance.now() - began < BATCH_MS) done = steps.next().done;
    return done;
  });
  for (;;) {
    signal.throwIfAborted();
    if (batch()) return;
    await setImmediate();
  }
}
