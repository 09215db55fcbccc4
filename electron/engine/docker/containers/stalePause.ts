import pWaitFor from 'p-wait-for';
import type { ContainerState } from './containerDetails';

/**
 * Stale pauses: a pause state that Docker reports although it has ended.
 *
 * containerd sends dockerd a second event for each pause and unpause. If both calls have returned before
 * dockerd handles the first of these events, it takes that for a new pause: it reports a running container
 * as paused, and rejects commands, until it handles the second one. The reverse happens too (moby
 * daemon/monitor.go, EventPaused and EventResumed; seen in Engine 20.10 after one of about 600 pauses).
 */

/** Attempts over one second, longer than the two events are apart on a busy computer. */
const POLL_ATTEMPTS = 20;
const POLL_INTERVAL_MS = 50;

/** True when Docker reports the opposite of the expected pause state; other states contradict nothing. */
export function contradictsPause(state: ContainerState, isPaused: boolean): boolean {
  return state === (isPaused ? 'running' : 'paused');
}

/** Repeats a call while its result may be stale. Returns the last result after a second. */
export async function untilPauseSettles<T>(
  call: () => Promise<T>,
  isMaybeStale: (result: T) => boolean,
): Promise<T> {
  let attempts = 0;
  const poll = async () => {
    const result = await call();
    attempts += 1;
    const isFinal = !isMaybeStale(result) || attempts === POLL_ATTEMPTS;
    return isFinal && pWaitFor.resolveWith(result);
  };
  return await pWaitFor(poll, { interval: POLL_INTERVAL_MS });
}

/** Repeats a call while Docker rejects it because the container is paused, or is not. */
export async function retryOnStalePause<T>(call: () => Promise<T>): Promise<T> {
  const outcome = await untilPauseSettles(
    () =>
      call().then(
        (value) => ({ value }),
        (error: unknown) => ({ error }),
      ),
    (ended) => 'error' in ended && /\bpaused\b/.test(String(ended.error)),
  );
  if ('error' in outcome) throw outcome.error;
  return outcome.value;
}
