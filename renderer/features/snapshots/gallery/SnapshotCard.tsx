import { memo } from 'react';
import type { SnapshotVersions } from '#shared/versions';
import { useTaskOf } from '../../../stores/tasks';
import { Age } from '../../../ui/Age';
import { TaskProgress } from '../../activity/TaskProgress';
import { BootButtons } from '../../common/BootButtons';
import {
  originText,
  sandboxCountOf,
  sandboxCountText,
  sizeText,
  versionCountText,
  versionsTitle,
} from '../../common/describeSnapshot';
import { FavouriteButton } from '../FavouriteButton';
import { SnapshotPicture } from '../picture/SnapshotPicture';
import { isFavourite } from './arrange';
import { toggleSelected, useGallery } from './galleryStore';
import './SnapshotCard.css';

export interface SnapshotItemProps {
  group: SnapshotVersions;
  /** Whether its details are open. */
  open: boolean;
  /** Whether Tab reaches the card and its controls. The others are reached with arrow keys. */
  tabStop: boolean;
  /** Position in the grid, from 1. */
  position: number;
  count: number;
  /** Width of the picture in pixels. */
  width: number;
}

/** Pixels, matching SnapshotCard.css. */
const PICTURE_HEIGHT = 124;

/** Card of a name and its versions. The grid handles its keys and clicks. */
export const SnapshotCard = memo(function SnapshotCard(props: SnapshotItemProps) {
  const { group, open, tabStop, position, count, width } = props;
  const selected = useGallery((state) => state.selected.has(group.name));
  const title = versionsTitle(group);
  const versionCount = versionCountText(group);
  const snapshot = group.head;
  const tabIndex = tabStop ? 0 : -1;
  return (
    <article
      className="card gallery-item"
      data-name={group.name}
      data-open={open}
      data-selected={selected}
      aria-label={title}
      aria-posinset={position}
      aria-setsize={count}
      tabIndex={tabIndex}
    >
      <button
        type="button"
        className="card-picture"
        aria-label={`Open ${title}`}
        tabIndex={tabIndex}
      >
        <SnapshotPicture snapshot={snapshot} width={width} height={PICTURE_HEIGHT} />
      </button>
      <SelectBox name={group.name} title={title} selected={selected} tabIndex={tabIndex} />
      <div className="card-body">
        <div className="card-title" data-favourite={isFavourite(group)}>
          <h2 className="mono" title={title}>
            {title}
          </h2>
          {versionCount && <span className="soft card-versions">{versionCount}</span>}
          <FavouriteButton snapshots={group.versions} tabIndex={tabIndex} />
        </div>
        <p className="soft card-origin" title={originText(snapshot)}>
          {originText(snapshot)}
        </p>
        <CardFoot group={group} tabIndex={tabIndex} />
      </div>
    </article>
  );
}, isSameItem);

/** Compares the versions of groups: groups are recreated on each change, snapshots are not. */
export function isSameItem(before: SnapshotItemProps, after: SnapshotItemProps): boolean {
  return (
    before.open === after.open &&
    before.tabStop === after.tabStop &&
    before.position === after.position &&
    before.count === after.count &&
    before.width === after.width &&
    before.group.head === after.group.head &&
    before.group.versions.length === after.group.versions.length &&
    before.group.versions.every((version, index) => version === after.group.versions[index])
  );
}

interface SelectBoxProps {
  name: string;
  title: string;
  selected: boolean;
  tabIndex: number;
}

export function SelectBox({ name, title, selected, tabIndex }: SelectBoxProps) {
  return (
    <label className="select-box">
      <input
        type="checkbox"
        aria-label={`Select ${title}`}
        tabIndex={tabIndex}
        checked={selected}
        onChange={() => toggleSelected(name)}
      />
    </label>
  );
}

function CardFoot({ group, tabIndex }: { group: SnapshotVersions; tabIndex: number }) {
  const snapshot = group.head;
  const sandboxCount = sandboxCountOf(group);
  const task = useTaskOf(snapshot.id);
  if (task) return <TaskProgress task={task} />;
  if (snapshot.status !== 'ready') {
    return <p className="soft">{snapshot.statusMessage ?? snapshot.status}</p>;
  }
  const size = sizeText(snapshot);
  return (
    <div className="card-foot">
      <p className="soft card-facts">
        {size && (
          <span
            className="card-size"
            title="Unique: not shared with other images, freed when the snapshot is deleted."
          >
            {size}
          </span>
        )}
        <Age time={snapshot.createdAt} />
        {sandboxCount > 0 && <span>{sandboxCountText(sandboxCount)}</span>}
      </p>
      <div className="card-actions">
        <BootButtons snapshot={snapshot} tabIndex={tabIndex} />
      </div>
    </div>
  );
}
