/** setTimeout takes no more than a signed 32-bit number of milliseconds, and fires at once for more. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/** Calls after so many seconds, however many. Returns how to call it off. */
export function after(seconds: number, call: () => void): () => void {
  const due = performance.now() + seconds * 1000;
  let timer: NodeJS.Timeout;
  const wait = () => {
    const left = Math.max(0, due - performance.now());
    timer = setTimeout(left > MAX_TIMER_MS ? wait : call, Math.min(left, MAX_TIMER_MS));
    timer.unref();
  };
  wait();
  return () => clearTimeout(timer);
}
