import { type RefObject, useEffect, useRef } from 'react';

/**
 * Keeps a visible row in view when the list shrinks, for example when a panel opens below it.
 *
 * @param row index of the row, or -1 for none
 * @param rowHeight height of each row in pixels
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
      const wasVisible = top + rowHeight > scrollTop && top < scrollTop + height;
      const overflow = top + rowHeight - (scrollTop + clientHeight);
      if (top >= 0 && wasVisible && overflow > 0) element.scrollTop += overflow;
      height = clientHeight;
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [scroller, rowHeight]);
}
