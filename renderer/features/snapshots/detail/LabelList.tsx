import { useState } from 'react';
import { formatCount } from '#shared/format';

/** Labels shown before "Show all", so that the facts below stay in view. */
const MAX_COLLAPSED = 12;

/** List of labels, collapsed to the first few. */
export function LabelList({ labels }: { labels: Record<string, string> }) {
  const [showsAll, setShowsAll] = useState(false);
  const all = Object.entries(labels);
  // A single further label takes no more space than the button.
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
              // Keeps the click from opening the editor.
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
