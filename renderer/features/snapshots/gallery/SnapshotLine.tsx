import { memo } from 'react';
import { formatBytes } from '#shared/format';
import { useEngineReady } from '../../../stores/engine';
import { Age } from '../../../ui/Age';
import { Button } from '../../../ui/Button';
import { bootNow } from '../../common/bootNow';
import {
  originText,
  sandboxCountOf,
  sandboxCountText,
  versionCountText,
  versionsTitle,
} from '../../common/describeSnapshot';
import { FavouriteButton } from '../FavouriteButton';
import { isFavourite } from './arrange';
import { useGallery } from './galleryStore';
import { isSameItem, SelectBox, type SnapshotItemProps } from './SnapshotCard';
import './SnapshotLine.css';

/** Column headings of the list. */
export function LineHeadings() {
  return (
    <div className="snapshot-line snapshot-line-headings" aria-hidden>
      <span />
      <span />
      <span>Name</span>
      <span>Origin</span>
      <span className="number">Size</span>
      <span className="number snapshot-line-unique">Unique</span>
      <span>Age</span>
      <span className="snapshot-line-users">Used by</span>
      <span />
    </div>
  );
}

/** Line of the list for a name and its versions. */
export const SnapshotLine = memo(function SnapshotLine(props: SnapshotItemProps) {
  const { group, open, tabStop, position, count } = props;
  const ready = useEngineReady();
  const selected = useGallery((state) => state.selected.has(group.name));
  const snapshot = group.head;
  const title = versionsTitle(group);
  const versionCount = versionCountText(group);
  const users = sandboxCountOf(group);
  const tabIndex = tabStop ? 0 : -1;
  return (
    <article
      className="snapshot-line gallery-item"
      data-name={group.name}
      data-open={open}
      data-selected={selected}
      data-favourite={isFavourite(group)}
      aria-label={title}
      aria-posinset={position}
      aria-setsize={count}
      tabIndex={tabIndex}
    >
      <SelectBox name={group.name} title={title} selected={selected} tabIndex={tabIndex} />
      <FavouriteButton snapshots={group.versions} tabIndex={tabIndex} />
      <button
        type="button"
        className="snapshot-line-name mono"
        aria-label={`Open ${title}`}
        title={title}
        tabIndex={tabIndex}
      >
        {title}
      </button>
      <span className="soft" title={originText(snapshot)}>
        {versionCount && `${versionCount} · `}
        {originText(snapshot)}
      </span>
      <span className="number">
        {snapshot.sizeBytes === null ? '' : formatBytes(snapshot.sizeBytes)}
      </span>
      <span className="number soft snapshot-line-unique">
        {snapshot.uniqueBytes === null ? '' : formatBytes(snapshot.uniqueBytes)}
      </span>
      <span className="soft">
        {snapshot.status === 'ready' ? <Age time={snapshot.createdAt} /> : snapshot.status}
      </span>
      <span className="soft snapshot-line-users">{users > 0 && sandboxCountText(users)}</span>
      <Button
        className="snapshot-line-boot"
        disabled={!ready || snapshot.status !== 'ready'}
        tabIndex={tabIndex}
        onClick={() => void bootNow(snapshot)}
      >
        Boot
      </Button>
    </article>
  );
}, isSameItem);
