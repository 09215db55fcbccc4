import type { Snapshot } from '#shared/contract/snapshots';
import { formatBytes } from '#shared/format';
import { usePicture } from '../../../stores/pictures';
import { kindLabels, sumByKind } from './describePicture';

/** Legend of a picture's hues, with the size of each kind. */
export function PictureLegend({ snapshot }: { snapshot: Snapshot }) {
  const picture = usePicture(snapshot.id);
  if (picture?.state !== 'ready') return null;
  const sums = sumByKind(picture.parts);
  const inherits = sums.some(({ own, total }) => own < total);
  return (
    <ul className="picture-legend" aria-label="Legend">
      {sums.map(({ kind, total, own }) => (
        <li key={kind}>
          <span className={`swatch kind-${kind}`} aria-hidden />
          {kindLabels[kind]} <span className="soft">{formatBytes(total)}</span>
          {inherits && own > 0 && <span className="soft">({formatBytes(own)} added)</span>}
        </li>
      ))}
      {inherits && (
        <li className="soft picture-legend-note">
          Muted: inherited. Saturated: added by this snapshot.
        </li>
      )}
    </ul>
  );
}
