import type { Snapshot } from '#shared/contract/snapshots';
import { formatBytes } from '#shared/format';
import { useSnapshots } from '../../stores/snapshots';
import { familyHue, type Stratum, strataOf } from './strata';
import './picture.css';

const WIDTH = 240;
const HEIGHT = 96;
/** Sizes span from a few MiB to many GiB: the fill grows with the logarithm between these. */
const SMALLEST = 1024 ** 2;
const LARGEST = 64 * 1024 ** 3;

/** A snapshot as layers of sand: inherited ones muted, what it added itself in full colour. */
export function SnapshotPicture({ snapshot }: { snapshot: Snapshot }) {
  const all = useSnapshots(({ items }) => items);
  const strata = strataOf(snapshot, all);
  const hue = familyHue(snapshot, all);
  const shapes = layOut(strata, snapshot.sizeBytes ?? 0);
  return (
    <svg
      className="picture"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`Layers of ${snapshot.name}`}
      style={{ '--hue': hue }}
    >
      {shapes.map(({ stratum, path }, index) => (
        <path
          key={stratum.id}
          d={path}
          className={stratum.own ? 'own' : 'inherited'}
          style={{ '--depth': index }}
        >
          <title>{`${stratum.name}: ${formatBytes(stratum.bytes)}`}</title>
        </path>
      ))}
    </svg>
  );
}

/** From the bottom up; heights follow the square root, so that a small addition stays visible. */
function layOut(strata: Stratum[], sizeBytes: number): Array<{ stratum: Stratum; path: string }> {
  const scale = Math.log(Math.max(sizeBytes, SMALLEST) / SMALLEST) / Math.log(LARGEST / SMALLEST);
  const filled = HEIGHT * (0.3 + 0.6 * Math.min(1, scale));
  const weights = strata.map(({ bytes }) => Math.sqrt(bytes + 1));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  let bottom = HEIGHT;
  return strata
    .map((stratum, index) => {
      const top = bottom - (filled * (weights[index] ?? 0)) / sum;
      const path = `M0 ${HEIGHT} L0 ${dune(top, stratum.id, 0)} C${WIDTH / 3} ${dune(top, stratum.id, 1)} ${(2 * WIDTH) / 3} ${dune(top, stratum.id, 2)} ${WIDTH} ${dune(top, stratum.id, 3)} L${WIDTH} ${HEIGHT} Z`;
      bottom = top;
      return { stratum, path };
    })
    .reverse();
}

/** The line between two layers, bent a little by the id: the same snapshot always looks the same. */
function dune(y: number, id: string, point: number): number {
  const digit = Number.parseInt(id.charAt(point), 16) || 0;
  return y + (digit - 7.5) * 0.7;
}
