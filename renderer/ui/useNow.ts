import { useSyncExternalStore } from 'react';

/** Milliseconds between updates. Hidden windows are not updated. */
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

/** Current time in milliseconds since 1970, updated every `TICK_MS` by one shared timer. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}
