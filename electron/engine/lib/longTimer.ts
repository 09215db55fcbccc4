/** Maximum delay of setTimeout, a signed 32-bit integer. A longer one fires at once. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/** Calls back after any number of seconds. Returns the function that cancels the call. */
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
