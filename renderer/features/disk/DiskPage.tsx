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
import { useMeasured } from './useMeasured';
import './disk.css';

/** While the page is open, changes are measured at most this often. Milliseconds. */
const MIN_INTERVAL_MS = 3000;

/** What snapshots and sandboxes take on the disk, and the way to take less. */
export function DiskPage() {
  const { usage, error } = useDisk();
  const ready = useEngineReady();
  useMeasured(MIN_INTERVAL_MS);
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
        <Tabs.List className="disk-tab-list" aria-label="What takes it">
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
              A sandbox takes only what is written in it: its snapshot lies on the disk once.
            </EmptyState>
          )}
        </Tabs.Content>
      </Tabs.Root>
    </>
  );
}

/** How old the numbers are, and whether newer ones are on their way. */
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
          Old numbers, from <Age time={measuredAt} />
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
        Docker is away. What lies on its disk is shown when it is back.
      </EmptyState>
    );
  }
  return (
    <div className="disk-loading" role="status">
      <p className="soft">Docker is counting what it has…</p>
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
      Everything above is of other uses of Docker. Snapshots that you build show up here.
    </EmptyState>
  );
}
