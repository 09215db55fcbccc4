import { RefreshCw } from 'lucide-react';
import { Tabs } from 'radix-ui';
import type { DiskUsage } from '#shared/contract/disk';
import { formatCount } from '#shared/format';
import { measureDisk, useDisk } from '../../stores/disk';
import { useEngineReady } from '../../stores/engine';
import { openDialog } from '../../stores/route';
import { Age } from '../../ui/Age';
import { Button, IconButton } from '../../ui/Button';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorNote } from '../../ui/ErrorNote';
import { Progress } from '../../ui/Progress';
import { SandboxUsage } from './SandboxUsage';
import { SnapshotUsage } from './SnapshotUsage';
import { UsageBar } from './UsageBar';
import { useDiskMeasurement } from './useDiskMeasurement';
import './disk.css';

/** Minimum milliseconds between measurements while the page is open. */
const MIN_INTERVAL_MS = 3000;

/** Disk usage of snapshots and sandboxes, with the option to reclaim space. */
export function DiskPage() {
  const { usage, error } = useDisk();
  const ready = useEngineReady();
  useDiskMeasurement(MIN_INTERVAL_MS);
  return (
    <>
      <header className="page-header">
        <h1>Disk</h1>
        {usage && <MeasuredAt usage={usage} />}
        <Button
          variant="primary"
          disabled={!ready || !usage}
          onClick={() => openDialog({ kind: 'reclaim' })}
        >
          Reclaim…
        </Button>
      </header>
      {ready && error && (
        <div className="disk-error">
          <ErrorNote error={error} />
          <Button onClick={() => void measureDisk()}>Try again</Button>
        </div>
      )}
      {usage ? <Usage usage={usage} /> : <NotMeasured />}
    </>
  );
}

function Usage({ usage }: { usage: DiskUsage }) {
  const { snapshots, sandboxes } = usage;
  return (
    <>
      <UsageBar usage={usage} />
      <Tabs.Root className="disk-tabs" defaultValue="snapshots">
        <Tabs.List className="disk-tab-list" aria-label="Disk usage by">
          <Tabs.Trigger value="snapshots" className="disk-tab">
            Snapshots <span className="soft">{formatCount(snapshots.length)}</span>
          </Tabs.Trigger>
          <Tabs.Trigger value="sandboxes" className="disk-tab">
            Sandboxes <span className="soft">{formatCount(sandboxes.length)}</span>
          </Tabs.Trigger>
        </Tabs.List>
        <Tabs.Content value="snapshots" className="disk-tab-page">
          {snapshots.length > 0 ? <SnapshotUsage usage={usage} /> : <NoSnapshots />}
        </Tabs.Content>
        <Tabs.Content value="sandboxes" className="disk-tab-page">
          {sandboxes.length > 0 ? (
            <SandboxUsage usage={usage} />
          ) : (
            <EmptyState title="No sandboxes">
              A sandbox uses only the space of the files written in it. Its snapshot is stored once.
            </EmptyState>
          )}
        </Tabs.Content>
      </Tabs.Root>
    </>
  );
}

/** Age of the measurement, with a button to repeat it. */
function MeasuredAt({ usage: { measuredAt } }: { usage: DiskUsage }) {
  const ready = useEngineReady();
  const measuring = useDisk((state) => state.measuring);
  return (
    <span className="disk-measured soft">
      {ready ? (
        <>
          {measuring ? 'Measuring…' : 'Measured '}
          {!measuring && <Age time={measuredAt} />}
        </>
      ) : (
        <>
          Last measured <Age time={measuredAt} />
        </>
      )}
      <IconButton
        label="Measure again"
        disabled={!ready || measuring}
        onClick={() => void measureDisk()}
      >
        <RefreshCw size={14} />
      </IconButton>
    </span>
  );
}

function NotMeasured() {
  const { error } = useDisk();
  const ready = useEngineReady();
  if (ready && error) return null;
  if (!ready) {
    return (
      <EmptyState title="Not measured yet">
        Docker is not responding. Disk usage is shown once it is available again.
      </EmptyState>
    );
  }
  return (
    <div className="disk-loading" role="status">
      <p className="soft">Measuring disk usage…</p>
      <Progress fraction={null} label="Measuring" />
    </div>
  );
}

function NoSnapshots() {
  const ready = useEngineReady();
  return (
    <EmptyState
      title="No snapshots"
      action={
        <Button disabled={!ready} onClick={() => openDialog({ kind: 'new-snapshot' })}>
          New snapshot
        </Button>
      }
    >
      The usage above comes from other uses of Docker. Snapshots that you build appear here.
    </EmptyState>
  );
}
