import { type KeyboardEvent, type PointerEvent, useMemo, useState } from 'react';
import type { PicturePart } from '#shared/contract/contents';
import type { Snapshot } from '#shared/contract/snapshots';
import { usePicture } from '../../../stores/pictures';
import { snapshotTitle } from '../../common/describeSnapshot';
import { partText, pictureText } from './describePicture';
import { PicturePlaceholder } from './PicturePlaceholder';
import { Treemap } from './Treemap';
import { cellAt, layOutTreemap } from './treemap';

interface SnapshotPictureProps {
  snapshot: Snapshot;
  /** Layout size in pixels. The rendered picture is scaled to its container. */
  width: number;
  height: number;
  /** Whether it is focusable and its parts are reached with the arrow keys. */
  navigable?: boolean;
}

/** Treemap of a snapshot's folders by size, coloured by kind; added files are saturated. */
export function SnapshotPicture({ snapshot, ...rest }: SnapshotPictureProps) {
  if (snapshot.status !== 'ready') return <PicturePlaceholder snapshotId={null} state={null} />;
  return <ReadyPicture key={snapshot.id} snapshot={snapshot} {...rest} />;
}

function ReadyPicture({ snapshot, width, height, navigable }: SnapshotPictureProps) {
  const picture = usePicture(snapshot.id);
  if (picture?.state !== 'ready') {
    return <PicturePlaceholder snapshotId={snapshot.id} state={picture?.state ?? null} />;
  }
  return (
    <NamedTreemap
      title={snapshotTitle(snapshot)}
      parts={picture.parts}
      {...{ width, height, navigable }}
    />
  );
}

function bytesOf({ inheritedBytes, ownBytes }: PicturePart): number {
  return inheritedBytes + ownBytes;
}

interface NamedTreemapProps extends Omit<SnapshotPictureProps, 'snapshot'> {
  title: string;
  parts: PicturePart[];
}

/** Treemap with a caption for the part under the pointer or selected with the arrow keys. */
function NamedTreemap({ title, parts, width, height, navigable }: NamedTreemapProps) {
  const cells = useMemo(() => layOutTreemap(parts, width, height), [parts, width, height]);
  const [named, setNamed] = useState<PicturePart | null>(null);
  // Includes parts that are too small to be drawn.
  const bySize = useMemo(() => [...parts].sort((a, b) => bytesOf(b) - bytesOf(a)), [parts]);
  const label = useMemo(() => pictureText(title, parts), [title, parts]);

  const onPointerMove = (event: PointerEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * width;
    const y = ((event.clientY - box.top) / box.height) * height;
    const under = cellAt(cells, x, y);
    // Keeps the caption between two parts, which avoids flicker.
    if (under) setNamed(under.part);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step === undefined || bySize.length === 0) return;
    event.preventDefault();
    const at = named ? bySize.indexOf(named) : step > 0 ? -1 : 0;
    setNamed(bySize[(at + step + bySize.length) % bySize.length] ?? null);
  };
  const navigation = navigable && {
    tabIndex: 0,
    role: 'group',
    'aria-label': `Contents of ${title}, explore with the arrow keys`,
    onKeyDown,
    onBlur: () => setNamed(null),
  };

  return (
    <span
      className="picture"
      onPointerMove={onPointerMove}
      onPointerLeave={() => setNamed(null)}
      {...navigation}
    >
      <Treemap cells={cells} width={width} height={height} label={label} />
      {named && (
        <>
          <svg
            className="picture-outline"
            viewBox={`0 0 ${width} ${height}`}
            preserveAspectRatio="none"
            aria-hidden
          >
            {cells
              .filter(({ part }) => part === named)
              .map((cell) => (
                <rect
                  key={String(cell.own)}
                  x={cell.x + 0.5}
                  y={cell.y + 0.5}
                  width={Math.max(1, cell.width - 1)}
                  height={Math.max(1, cell.height - 1)}
                />
              ))}
          </svg>
          <span className="picture-caption" role={navigable ? 'status' : undefined}>
            {partText(named, parts)}
          </span>
        </>
      )}
    </span>
  );
}
