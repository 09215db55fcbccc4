import { useLayoutEffect, useRef, useState } from 'react';

/** Minimum milliseconds between two updates. */
const MIN_UPDATE_INTERVAL_MS = 150;

/** Throttles a width, so that resizing a window does not lay out pictures for each pixel. */
export function useThrottledWidth(width: number): number {
  const [throttled, setThrottled] = useState(width);
  const changedAt = useRef(Number.NEGATIVE_INFINITY);
  useLayoutEffect(() => {
    if (width === throttled) return;
    const follow = () => {
      changedAt.current = performance.now();
      setThrottled(width);
    };
    const wait = changedAt.current + MIN_UPDATE_INTERVAL_MS - performance.now();
    if (wait <= 0) {
      follow();
      return;
    }
    const timer = window.setTimeout(follow, wait);
    return () => window.clearTimeout(timer);
  }, [width, throttled]);
  return throttled;
}
