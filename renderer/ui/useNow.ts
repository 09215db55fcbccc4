import { useSyncExternalStore } from 'react';

/** Ages change by the second at most; a hidden window does not tick. Milliseconds. */
const TICK_MS = 5000;

let now = Date.now();
const listeners = new Set<() => void>();
let timer: number | undefined;

function tick(): void {
  if (document.hidden) return;
  now = Date.now();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) {
    now = Date.now();
    timer = window.setInterval(tick, TICK_MS);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    window.clearInterval(timer);
    timer = undefined;
  };
}

/** The time, good to a few seconds; one timer for all that show it. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}
