import { useRef } from 'react';
import type { Snapshot } from '#shared/contract/snapshots';
import { formatBytes } from '#shared/format';
import { selectSnapshot } from '../../../stores/route';
import { useSnapshot } from '../../../stores/snapshots';
import { Age } from '../../../ui/Age';
import { CopyButton } from '../../../ui/CopyButton';
import { useWidth } from '../../../ui/useWidth';
import { sizeText } from '../../common/describeSnapshot';
import { useSnapshotTitles } from '../../common/useSnapshotTitles';
import { PictureLegend } from '../picture/PictureLegend';
import { SnapshotPicture } from '../picture/SnapshotPicture';
import { DescriptionFields } from './DescriptionFields';
import { VersionList } from './VersionList';

/** Pixels, matching detail.css. */
const PICTURE_HEIGHT = 180;

/** Picture, note, labels, versions and facts of a snapshot. */
export function OverviewTab({ snapshot }: { snapshot: Snapshot }) {
  const picture = useRef<HTMLDivElement>(null);
  const width = useWidth(picture);
  return (
    <div className="overview">
      <div className="detail-picture" ref={picture}>
        {width > 0 && (
          <SnapshotPicture snapshot={snapshot} width={width} height={PICTURE_HEIGHT} navigable />
        )}
      </div>
      <PictureLegend snapshot={snapshot} />
      <DescriptionFields snapshot={snapshot} />
      <VersionList of={snapshot} />
      <Facts snapshot={snapshot} />
    </div>
  );
}

function Facts({ snapshot }: { snapshot: Snapshot }) {
  const parent = useSnapshot(snapshot.parentSnapshotId);
  const titleOf = useSnapshotTitles();
  const { runConfig } = snapshot;
  return (
    <dl className="facts selectable">
      <dt>ID</dt>
      <dd className="mono detail-id">
        {snapshot.id}
        <CopyButton label="Copy ID" text={snapshot.id} />
      </dd>
      <Fact name="Image" value={snapshot.image} mono />
      <Fact name="Digest" value={snapshot.imageDigest} mono />
      <Fact name="Captured from" value={snapshot.sourceSandboxName} mono />
      {parent && (
        <>
          <dt>Parent</dt>
          <dd>
            <button type="button" className="link mono" onClick={() => selectSnapshot(parent.id)}>
              {titleOf(parent)}
            </button>
          </dd>
        </>
      )}
      <Fact name="Size" value={sizeText(snapshot)} />
      <Fact
        name="Capacity"
        value={snapshot.fsCapacityBytes === null ? null : formatBytes(snapshot.fsCapacityBytes)}
      />
      <Fact name="Platform" value={snapshot.platform} />
      <Fact name="User" value={runConfig.user ?? 'root'} mono />
      <Fact name="Directory" value={runConfig.workDir ?? '/'} mono />
      <Fact
        name="Environment"
        value={Object.entries(runConfig.env)
          .map(([key, value]) => `${key}=${value}`)
          .join('\n')}
        mono
      />
      <dt>Created</dt>
      <dd>
        <Age time={snapshot.createdAt} />
      </dd>
    </dl>
  );
}

function Fact({ name, value, mono }: { name: string; value: string | null; mono?: boolean }) {
  if (!value) return null;
  return (
    <>
      <dt>{name}</dt>
      <dd className={mono ? 'mono' : ''}>{value}</dd>
    </>
  );
}
