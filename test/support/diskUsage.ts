import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';

/** Returns the data of `docker system df`. */
export async function diskUsage(docker: Docker): ReturnType<Docker['df']> {
  return await inTurn(() => docker.df());
}

/** Retries while another count runs: Docker allows one at a time, and the app requests them too. */
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
