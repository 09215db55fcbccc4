import { useState } from 'react';
import { formatCount } from '#shared/format';

/** What is below them stays in reach. */
const MAX_COLLAPSED = 12;

/** The first labels, and the others when they are asked for. */
export function LabelList({ labels }: { labels: Record<string, string> }) {
  const [showsAll, setShowsAll] = useState(false);
  const all = Object.entries(labels);
  // A button for one more would take that one's place.
  const shown = showsAll || all.length <= MAX_COLLAPSED + 1 ? all : all.slice(0, MAX_COLLAPSED);
  return (
    <ul className="labels">
      {shown.map(([name, value]) => (
        <li key={name} className="label">
          {value === '' ? name : `${name}: ${value}`}
        </li>
      ))}
      {shown.length < all.length && (
        <li>
          <button
            type="button"
            className="link"
            onClick={(event) => {
              // A click on a label edits them.
              event.stopPropagation();
              setShowsAll(true);
            }}
          >
            Show all {formatCount(all.length)}
          </button>
        </li>
      )}
    </ul>
  );
}
