import { type PointerEvent, type RefObject, useRef } from 'react';

/** Pans a scroller by dragging its background. Nodes and buttons keep their clicks. */
export function useDragPan(scroller: RefObject<HTMLElement | null>) {
  const last = useRef<{ x: number; y: number } | null>(null);
  return {
    onPointerDown(event: PointerEvent<HTMLElement>) {
      const target = event.target as Element;
      if (event.button !== 0 || target.closest('[role="treeitem"], button')) return;
      last.current = { x: event.clientX, y: event.clientY };
      event.currentTarget.setPointerCapture(event.pointerId);
    },
    onPointerMove(event: PointerEvent<HTMLElement>) {
      if (!last.current) return;
      scroller.current?.scrollBy(last.current.x - event.clientX, last.current.y - event.clientY);
      last.current = { x: event.clientX, y: event.clientY };
    },
    onLostPointerCapture() {
      last.current = null;
    },
  };
}
