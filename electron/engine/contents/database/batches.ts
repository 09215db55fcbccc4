import { setImmediate } from 'node:timers/promises';
import type Database from 'better-sqlite3';

/** Maximum duration of a write transaction, during which searches wait. Milliseconds. */
const MAX_BATCH_MS = 20;

/**
 * Runs a long write in batches, each in a transaction. The work between two yields is atomic; the event
 * loop runs between batches.
 *
 * @throws the signal's reason when it is aborted. Completed batches are kept.
 */
export async function inBatches(
  database: Database.Database,
  steps: Iterator<void>,
  signal: AbortSignal,
): Promise<void> {
  const batch = database.transaction(() => {
    const startedAt = performance.now();
    let { done } = steps.next();
    while (!done && performance.now() - startedAt < MAX_BATCH_MS) done = steps.next().done;
    return done;
  });
  for (;;) {
    signal.throwIfAborted();
    if (batch()) return;
    await setImmediate();
  }
}
