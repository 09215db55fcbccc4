import { ChevronDown, ChevronLeft, ChevronRight, ChevronUp } from 'lucide-react';
import { type CSSProperties, type RefObject, useLayoutEffect, useState } from 'react';
import './ScrollEdges.css';

type Edge = 'left' | 'right' | 'top' | 'bottom';

const icons = { left: ChevronLeft, right: ChevronRight, top: ChevronUp, bottom: ChevronDown };

/** Fraction of the viewport that a click scrolls by. */
const STEP = 0.8;

interface Edges {
  edges: Edge[];
  /** Widths of the scroll bars in pixels. */
  barRight: number;
  barBottom: number;
}

/** Buttons at the edges with hidden content, which scroll there. Mouse only. */
export function ScrollEdges({ scroller }: { scroller: RefObject<HTMLElement | null> }) {
  const [{ edges, barRight, barBottom }, setHidden] = useState(nothing);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const update = () => {
      const next = edgesOf(element);
      setHidden((known) => (JSON.stringify(known) === JSON.stringify(next) ? known : next));
    };
    const observer = new ResizeObserver(update);
    for (const sized of [element, element.firstElementChild]) if (sized) observer.observe(sized);
    element.addEventListener('scroll', update, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', update);
    };
  }, [scroller]);
  const style: CSSProperties = { inset: `0 ${barRight}px ${barBottom}px 0` };
  return (
    <div className="lineage-edges" style={style} aria-hidden>
      {edges.map((edge) => {
        const Icon = icons[edge];
        return (
          <button
            key={edge}
            type="button"
            tabIndex={-1}
            className={`lineage-edge ${edge}`}
            title="Scroll"
            onClick={() => scroller.current?.scrollBy(stepOf(edge, scroller.current))}
          >
            <Icon size={16} />
          </button>
        );
      })}
    </div>
  );
}

const nothing: Edges = { edges: [], barRight: 0, barBottom: 0 };

function edgesOf(element: HTMLElement): Edges {
  const { scrollLeft, scrollTop, scrollWidth, scrollHeight, clientWidth, clientHeight } = element;
  const pixels: Record<Edge, number> = {
    left: scrollLeft,
    right: scrollWidth - clientWidth - scrollLeft,
    top: scrollTop,
    bottom: scrollHeight - clientHeight - scrollTop,
  };
  return {
    // Scroll positions are fractional on scaled displays.
    edges: (Object.keys(pixels) as Edge[]).filter((edge) => pixels[edge] >= 1),
    barRight: element.offsetWidth - clientWidth,
    barBottom: element.offsetHeight - clientHeight,
  };
}

function stepOf(edge: Edge, { clientWidth, clientHeight }: HTMLElement): ScrollToOptions {
  switch (edge) {
    case 'left':
      return { left: -clientWidth * STEP };
    case 'right':
      return { left: clientWidth * STEP };
    case 'top':
      return { top: -clientHeight * STEP };
    case 'bottom':
      return { top: clientHeight * STEP };
  }
}
