import { useLayoutEffect, useRef, useState } from 'react';

/** Milliseconds. */
const MIN_UPDATE_INTERVAL_MS = 150;

/** A width that follows another one at once, but not at each pixel that a window is dragged. */
export function usePacedWidth(width: number): number {
  const [paced, setPaced] = useState(width);
  const changedAt = useRef(Number.NEGATIVE_INFINITY);
  useLayoutEffect(() => {
    if (width === paced) return;
    const follow = () => {
      changedAt.current = performance.now();
      setPaced(width);
    };
    const wait = changedAt.current + MIN_UPDATE_INTERVAL_MS - performance.now();
    if (wait <= 0) {
      follow();
      return;
    }
    const timer = window.setTimeout(follow, wait);
    return () => window.clearTimeout(timer);
  }, [width, paced]);
  return paced;
}
