import type { Tasks } from '../tasks';

/** Whether an object's row may be changed by a list of Docker's. */
export type IsFresh = (id: string, updatedAt?: number) => boolean;

/**
 * Guards against rows that changed after Docker was asked for a list; call it before asking. An object
 * is fresh if no task worked on it then or does now, and its row has not been written since.
 */
export function staleListGuard(tasks: Tasks): IsFresh {
  const requestedAt = Date.now();
  const busyThen = tasks.busyIds();
  return (id, updatedAt = 0) => {
    if (busyThen.has(id) || tasks.isBusy(id)) return false;
    // A time in the future dates from before the clock was set back.
    return updatedAt < requestedAt || updatedAt > Date.now();
  };
}
