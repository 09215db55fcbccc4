import { type RefObject, useEffect, useRef } from 'react';

/**
 * Keeps a row in sight that was when a list of equal rows gets lower, as when something opens below it.
 * Heights are in pixels; -1 is no row.
 */
export function useKeepRowVisible(
  scroller: RefObject<HTMLElement | null>,
  row: number,
  rowHeight: number,
): void {
  const current = useRef(row);
  useEffect(() => {
    current.current = row;
  }, [row]);
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    let height = element.clientHeight;
    const observer = new ResizeObserver(() => {
      const top = current.current * rowHeight;
      const { scrollTop, clientHeight } = element;
      const wasInSight = top + rowHeight > scrollTop && top < scrollTop + height;
      const hidden = top + rowHeight - (scrollTop + clientHeight);
      if (top >= 0 && wasInSight && hidden > 0) element.scrollTop += hidden;
      height = clientHeight;
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [scroller, rowHeight]);
}
