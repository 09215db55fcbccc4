import type { DiskUsage } from '#shared/contract/disk';
import type { Sandbox } from '#shared/contract/sandboxes';
import { formatBytes } from '#shared/format';
import { openSandbox } from '../../stores/route';
import { useSandboxes } from '../../stores/sandboxes';
import { Age } from '../../ui/Age';
import { sandboxDot, sandboxStateText } from '../common/describeSandbox';
import { type DiskColumn, DiskTable } from './DiskTable';

interface Row {
  sandbox: Sandbox;
  writtenBytes: number;
  volumeBytes: number;
}

/** Disk usage of each sandbox on top of its snapshot. */
export function SandboxUsage({ usage }: { usage: DiskUsage }) {
  const sandboxes = useSandboxes(({ items }) => items);
  const measured = new Map(usage.sandboxes.map((entry) => [entry.sandboxId, entry]));
  const rows = sandboxes.flatMap((sandbox): Row[] => {
    const bytes = measured.get(sandbox.id);
    return bytes ? [{ sandbox, ...bytes }] : [];
  });
  return (
    <DiskTable
      label="Sandboxes on disk"
      rows={rows}
      rowId={({ sandbox }) => sandbox.id}
      columns={columns}
      sortedBy="all"
    />
  );
}

const columns: ReadonlyArray<DiskColumn<Row>> = [
  {
    id: 'name',
    label: 'Name',
    key: ({ sandbox }) => sandbox.name,
    cell: ({ sandbox }) => (
      <button type="button" className="link mono" onClick={() => openSandbox(sandbox.id)}>
        {sandbox.name}
      </button>
    ),
  },
  {
    id: 'all',
    label: 'Total',
    key: ({ writtenBytes, volumeBytes }) => writtenBytes + volumeBytes,
    cell: ({ writtenBytes, volumeBytes }) => formatBytes(writtenBytes + volumeBytes),
    isNumber: true,
  },
  {
    id: 'written',
    label: 'Written',
    key: ({ writtenBytes }) => writtenBytes,
    cell: ({ writtenBytes }) => <span className="soft">{formatBytes(writtenBytes)}</span>,
    isNumber: true,
  },
  {
    id: 'volumes',
    label: '/tmp and mounts',
    key: ({ volumeBytes }) => volumeBytes,
    cell: ({ volumeBytes }) => <span className="soft">{formatBytes(volumeBytes)}</span>,
    isNumber: true,
  },
  {
    id: 'state',
    label: 'State',
    key: ({ sandbox }) => sandboxStateText(sandbox),
    cell: ({ sandbox }) => (
      <span className="state">
        <span className={`dot ${sandboxDot(sandbox)}`} />
        {sandboxStateText(sandbox)}
        {sandbox.status === 'stopped' && sandbox.stoppedAt !== null && (
          <span className="soft">
            <Age time={sandbox.stoppedAt} />
          </span>
        )}
      </span>
    ),
  },
  {
    id: 'snapshot',
    label: 'Snapshot',
    key: ({ sandbox }) => sandbox.snapshotName,
    cell: ({ sandbox }) => <span className="mono soft">{sandbox.snapshotName}</span>,
  },
];
