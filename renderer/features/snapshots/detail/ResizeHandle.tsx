import type { KeyboardEvent, PointerEvent } from 'react';

/** Pixels. What is left of the window for the gallery is a column of cards at least. */
const LEAST = 320;
const LEFT_FOR_GALLERY = 264;
const STEP = 32;

interface ResizeHandleProps {
  width: number;
  onResize: (width: number) => void;
}

/** The panel's left edge: dragged, or moved with the arrow keys. */
export function ResizeHandle({ width, onResize }: ResizeHandleProps) {
  const resizeWithin = (handle: HTMLElement, wanted: number) => {
    const whole = handle.closest('.snapshots')?.clientWidth ?? window.innerWidth;
    onResize(Math.round(Math.max(LEAST, Math.min(wanted, whole - LEFT_FOR_GALLERY))));
  };
  const drag = (event: PointerEvent<HTMLHRElement>) => {
    const { currentTarget: handle, clientX } = event;
    if (!handle.hasPointerCapture(event.pointerId)) return;
    const right = handle.parentElement?.getBoundingClientRect().right ?? window.innerWidth;
    resizeWithin(handle, right - clientX);
  };
  const step = (event: KeyboardEvent<HTMLHRElement>) => {
    const by = { ArrowLeft: STEP, ArrowRight: -STEP }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    resizeWithin(event.currentTarget, width + by);
  };
  return (
    <hr
      className="detail-handle"
      aria-label="Width of the details"
      aria-orientation="vertical"
      aria-valuenow={width}
      aria-valuemin={LEAST}
      tabIndex={0}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={drag}
      onKeyDown={step}
    />
  );
}
