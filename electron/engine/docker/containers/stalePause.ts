import pWaitFor from 'p-wait-for';
import type { ContainerState } from './containerDetails';

/**
 * What Docker says of a pause may be old news.
 *
 * containerd tells dockerd of each pause and of its end once more, later. Where both have come to pass
 * before dockerd hears of the first, it takes that for new: it calls a running container paused, until it
 * hears of the second (moby daemon/monitor.go, EventPaused and EventResumed; seen in Engine 20.10 after one
 * of about 600 pauses). The same the other way round. Meanwhile it also refuses commands.
 */

/** Together a second: longer than the second news follows the first, on a busy machine too. */
const POLL_ATTEMPTS = 20;
const POLL_INTERVAL_MS = 50;

/** Whether Docker's word is about the pause alone and the opposite of what it should be. */
export function contradictsPause(state: ContainerState, isPaused: boolean): boolean {
  return state === (isPaused ? 'running' : 'paused');
}

/** Asks until the answer is not old news, or is the same for too long to be that. */
export async function untilPauseSettles<T>(
  ask: () => Promise<T>,
  isOldNews: (answer: T) => boolean,
): Promise<T> {
  let attempts = 0;
  const poll = async () => {
    const answer = await ask();
    attempts += 1;
    const isFinal = !isOldNews(answer) || attempts === POLL_ATTEMPTS;
    return isFinal && pWaitFor.resolveWith(answer);
  };
  return await pWaitFor(poll, { interval: POLL_INTERVAL_MS });
}

/** Repeats a call that Docker refuses because of a pause, or because of none. */
export async function retryOnStalePause<T>(call: () => Promise<T>): Promise<T> {
  const outcome = await untilPauseSettles(
    () =>
      call().then(
        (value) => ({ value }),
        (refusal: unknown) => ({ refusal }),
      ),
    (ended) => 'refusal' in ended && /\bpaused\b/.test(String(ended.refusal)),
  );
  if ('refusal' in outcome) throw outcome.refusal;
  return outcome.value;
}
