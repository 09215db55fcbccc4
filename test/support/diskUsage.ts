import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';

/** What `docker system df` would print. */
export async function diskUsage(docker: Docker): ReturnType<Docker['df']> {
  return await inTurn(() => docker.df());
}

/** Docker counts for one at a time and refuses the next, and the app has it count too. */
export async function inTurn<T>(count: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await count();
    } catch (thrown) {
      if (!/already running/.test(String(thrown))) throw thrown;
      await sleep(100);
    }
  }
}
