import type { DiskUsage } from '#shared/contract/disk';
import type { Sandbox } from '#shared/contract/sandboxes';
import type { Snapshot } from '#shared/contract/snapshots';
import { formatBytes } from '#shared/format';
import { go, selectSnapshot } from '../../stores/route';
import { useSandboxes } from '../../stores/sandboxes';
import { useSnapshots } from '../../stores/snapshots';
import { Age } from '../../ui/Age';
import { SnapshotTitle } from '../common/SnapshotTitle';
import { useSnapshotTitles } from '../common/useSnapshotTitles';
import { type DiskColumn, DiskTable } from './DiskTable';

interface Row {
  snapshot: Snapshot;
  title: string;
  uniqueBytes: number;
  sizeBytes: number;
  users: readonly Sandbox[];
  /** Milliseconds since 1970; null while a sandbox of the snapshot is running. */
  lastUsedAt: number | null;
}

/** Disk usage of each snapshot: unique and total. */
export function SnapshotUsage({ usage }: { usage: DiskUsage }) {
  const snapshots = useSnapshots(({ items }) => items);
  const sandboxes = useSandboxes(({ items }) => items);
  const titleOf = useSnapshotTitles();
  const measured = new Map(usage.snapshots.map((entry) => [entry.snapshotId, entry]));
  const rows = snapshots.flatMap((snapshot): Row[] => {
    const bytes = measured.get(snapshot.id);
    if (!bytes) return [];
    const users =
      snapshot.sandboxCount > 0 ? sandboxes.filter((s) => s.snapshotId === snapshot.id) : [];
    return [
      {
        snapshot,
        title: titleOf(snapshot),
        ...bytes,
        users,
        lastUsedAt: lastUseOf(snapshot, users),
      },
    ];
  });
  return (
    <DiskTable
      label="Snapshots on disk"
      rows={rows}
      rowId={({ snapshot }) => snapshot.id}
      columns={columns}
      sortedBy="unique"
    />
  );
}

const columns: ReadonlyArray<DiskColumn<Row>> = [
  {
    id: 'name',
    label: 'Name',
    key: ({ title }) => title,
    cell: ({ snapshot, title }) => (
      <button
        type="button"
        className="link mono"
        onClick={() => {
          go({ page: 'snapshots' });
          selectSnapshot(snapshot.id);
        }}
      >
        <SnapshotTitle title={title} />
      </button>
    ),
  },
  {
    id: 'unique',
    label: 'Unique',
    key: ({ uniqueBytes }) => uniqueBytes,
    cell: ({ uniqueBytes }) => formatBytes(uniqueBytes),
    isNumber: true,
  },
  {
    id: 'all',
    label: 'Total',
    key: ({ sizeBytes }) => sizeBytes,
    cell: ({ sizeBytes }) => <span className="soft">{formatBytes(sizeBytes)}</span>,
    isNumber: true,
  },
  {
    id: 'used',
    label: 'Last used',
    key: ({ lastUsedAt }) => lastUsedAt ?? Number.MAX_SAFE_INTEGER,
    cell: ({ snapshot, lastUsedAt, users }) => {
      if (lastUsedAt === null) return 'In use now';
      return (
        <span className="soft">
          {users.length === 0 && lastUsedAt === snapshot.createdAt && 'Created '}
          <Age time={lastUsedAt} />
        </span>
      );
    },
  },
  {
    id: 'by',
    label: 'Used by',
    key: ({ users }) => users.length,
    cell: ({ users }) => <Users users={users} />,
  },
];

function Users({ users }: { users: readonly Sandbox[] }) {
  if (users.length === 0) return <span className="soft">None</span>;
  const [first] = users;
  const rest = users.length - 1;
  return (
    <button
      type="button"
      className="plain-link"
      title={users.map(({ name }) => name).join(', ')}
      onClick={() => go({ page: 'sandboxes' })}
    >
      <span className="mono">{first?.name}</span>
      {rest > 0 && ` and ${rest} more`}
    </button>
  );
}

function lastUseOf({ createdAt }: Snapshot, users: readonly Sandbox[]): number | null {
  if (users.some(({ status }) => status === 'ready' || status === 'provisioning')) return null;
  return Math.max(createdAt, ...users.map((user) => user.stoppedAt ?? user.createdAt));
}
