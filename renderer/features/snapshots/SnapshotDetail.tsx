import { X } from 'lucide-react';
import type { Snapshot } from '#shared/contract/snapshots';
import { formatBytes } from '#shared/format';
import { useEngineReady } from '../../stores/engine';
import { openDialog, openSandbox, selectSnapshot } from '../../stores/route';
import { useSandboxes } from '../../stores/sandboxes';
import { useSnapshot } from '../../stores/snapshots';
import { Age } from '../../ui/Age';
import { Button, IconButton } from '../../ui/Button';
import { CopyButton } from '../../ui/CopyButton';
import { toastError } from '../../ui/toastError';
import { sandboxStateText } from '../sandboxes/describeSandbox';
import { BootButtons } from './BootButtons';
import { sizeText, snapshotTitle } from './describeSnapshot';
import { exportSnapshot } from './exportSnapshot';
import { SnapshotPicture } from './SnapshotPicture';
import { VersionList } from './VersionList';

/** Everything about one snapshot, beside the gallery. */
export function SnapshotDetail({ snapshot }: { snapshot: Snapshot }) {
  const ready = useEngineReady() && snapshot.status === 'ready';
  const title = snapshotTitle(snapshot);
  return (
    <aside className="detail" aria-label={`Details of ${title}`}>
      <header>
        <h2 className="mono selectable">{title}</h2>
        <IconButton label="Close details" onClick={() => selectSnapshot(null)}>
          <X size={16} />
        </IconButton>
      </header>
      <div className="detail-picture">
        <SnapshotPicture snapshot={snapshot} />
      </div>
      <div className="detail-actions">
        <BootButtons snapshot={snapshot} />
        <Button
          disabled={!ready}
          onClick={() => openDialog({ kind: 'edit-snapshot', snapshotId: snapshot.id })}
        >
          Edit…
        </Button>
        <Button disabled={!ready} onClick={() => void toastError(exportSnapshot(snapshot))}>
          Export…
        </Button>
        <Button
          look="danger"
          disabled={!ready}
          onClick={() => openDialog({ kind: 'delete-snapshot', snapshotId: snapshot.id })}
        >
          Delete
        </Button>
      </div>
      {snapshot.note && <p className="detail-note selectable">{snapshot.note}</p>}
      <VersionList of={snapshot} />
      <Facts snapshot={snapshot} />
      <UsedBy snapshotId={snapshot.id} />
    </aside>
  );
}

function Facts({ snapshot }: { snapshot: Snapshot }) {
  const parent = useSnapshot(snapshot.parentSnapshotId);
  const { runConfig, labels } = snapshot;
  return (
    <dl className="facts selectable">
      <dt>Id</dt>
      <dd className="mono detail-id">
        {snapshot.id}
        <CopyButton label="Copy the id" text={snapshot.id} />
      </dd>
      <Fact name="Image" value={snapshot.image} mono />
      <Fact name="Digest" value={snapshot.imageDigest} mono />
      <Fact name="Captured from" value={snapshot.sourceSandboxName} mono />
      {parent && (
        <>
          <dt>Parent</dt>
          <dd>
            <button type="button" className="link mono" onClick={() => selectSnapshot(parent.id)}>
              {snapshotTitle(parent)}
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
      <Fact
        name="Labels"
        value={Object.entries(labels)
          .map(([key, value]) => `${key}: ${value}`)
          .join('\n')}
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

function UsedBy({ snapshotId }: { snapshotId: string }) {
  const all = useSandboxes(({ items }) => items);
  const users = all.filter((sandbox) => sandbox.snapshotId === snapshotId);
  return (
    <section className="detail-users" aria-label="Used by">
      <h2>Used by</h2>
      {users.length === 0 && <p className="soft">No sandbox: it can be deleted.</p>}
      <ul>
        {users.map((sandbox) => (
          <li key={sandbox.id}>
            <button type="button" className="link mono" onClick={() => openSandbox(sandbox.id)}>
              {sandbox.name}
            </button>{' '}
            <span className="soft">{sandboxStateText(sandbox)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
