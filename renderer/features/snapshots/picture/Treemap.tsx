import { memo, useMemo } from 'react';
import type { TreemapCell } from './treemap';
import './picture.css';

interface TreemapProps {
  cells: readonly TreemapCell[];
  width: number;
  height: number;
  /** Text alternative. */
  label: string;
}

/** Rectangles of a treemap, drawn as one path per colour to keep the DOM small. */
export const Treemap = memo(function Treemap({ cells, width, height, label }: TreemapProps) {
  const shapes = useMemo(() => {
    const paths = new Map<string, string>();
    for (const { part, own, x, y, width: w, height: h } of cells) {
      const className = `kind-${part.kind} ${own ? 'own' : 'inherited'}`;
      paths.set(className, `${paths.get(className) ?? ''}M${x} ${y}h${w}v${h}h${-w}z`);
    }
    return [...paths];
  }, [cells]);
  return (
    <svg
      className="treemap"
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      {shapes.map(([className, path]) => (
        <path key={className} className={className} d={path} />
      ))}
    </svg>
  );
});
