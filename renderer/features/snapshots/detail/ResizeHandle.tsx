import type { KeyboardEvent, PointerEvent } from 'react';

/** Pixels. At least one column of cards stays visible beside the panel. */
const MIN_WIDTH = 320;
const MIN_GALLERY_WIDTH = 264;
const STEP = 32;

interface ResizeHandleProps {
  width: number;
  onResize: (width: number) => void;
}

/** Left edge of the panel, resizable by dragging and with the arrow keys. */
export function ResizeHandle({ width, onResize }: ResizeHandleProps) {
  const resizeWithin = (handle: HTMLElement, newWidth: number) => {
    const whole = handle.closest('.snapshots')?.clientWidth ?? window.innerWidth;
    onResize(Math.round(Math.max(MIN_WIDTH, Math.min(newWidth, whole - MIN_GALLERY_WIDTH))));
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
      aria-label="Details width"
      aria-orientation="vertical"
      aria-valuenow={width}
      aria-valuemin={MIN_WIDTH}
      tabIndex={0}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={drag}
      onKeyDown={step}
    />
  );
}
