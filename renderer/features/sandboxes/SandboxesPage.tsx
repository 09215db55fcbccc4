import type { Sandbox } from '#shared/contract/sandboxes';
import { formatDuration } from '#shared/format';
import { useEngineReady } from '../../stores/engine';
import { go, openDialog, openSandbox, selectSnapshot } from '../../stores/route';
import { useSandboxes } from '../../stores/sandboxes';
import { useSnapshots } from '../../stores/snapshots';
import { Age } from '../../ui/Age';
import { Button } from '../../ui/Button';
import { EmptyState } from '../../ui/EmptyState';
import { useNow } from '../../ui/useNow';
import { limitsText, sandboxDot, sandboxStateText } from '../common/describeSandbox';
import { NewSnapshotButton } from '../common/NewSnapshotButton';
import { CapacityWarning } from './CapacityWarning';
import { SandboxActions } from './SandboxActions';
import './sandboxes.css';

/** Lists all sandboxes with their states and actions. */
export function SandboxesPage() {
  const { items, loaded } = useSandboxes();
  return (
    <>
      <header className="page-header">
        <h1>Sandboxes</h1>
        <NewSandboxButton />
      </header>
      {loaded && items.length === 0 && <NoSandboxes />}
      {!loaded && <p className="loading soft">Loading…</p>}
      {items.length > 0 && (
        <div className="sandbox-scroller">
          <table className="sandbox-table">
            <thead>
              <tr>
                <th>Name</th>
                <th>State</th>
                <th>Snapshot</th>
                <th>Up / stopped</th>
                <th>Limits</th>
                <th>
                  <span className="visually-hidden">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {items.map((sandbox) => (
                <SandboxRow key={sandbox.id} sandbox={sandbox} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

function SandboxRow({ sandbox }: { sandbox: Sandbox }) {
  return (
    <tr aria-label={sandbox.name}>
      <td>
        <button type="button" className="link mono" onClick={() => openSandbox(sandbox.id)}>
          {sandbox.name}
        </button>
      </td>
      <td>
        <span className="state" title={sandbox.statusMessage ?? undefined}>
          <span className={`dot ${sandboxDot(sandbox)}`} />
          {sandboxStateText(sandbox)}
        </span>
      </td>
      <td>
        <button
          type="button"
          className="plain-link mono"
          onClick={() => {
            go({ page: 'snapshots' });
            selectSnapshot(sandbox.snapshotId);
          }}
        >
          {sandbox.snapshotName}
        </button>
      </td>
      <td className="soft">
        <Uptime sandbox={sandbox} />
      </td>
      <td className="soft">
        {limitsText(sandbox)}
        <CapacityWarning sandbox={sandbox} />
      </td>
      <td>
        <SandboxActions sandbox={sandbox} withTerminal />
      </td>
    </tr>
  );
}

function Uptime({ sandbox }: { sandbox: Sandbox }) {
  const now = useNow();
  if (sandbox.status === 'ready' && sandbox.startedAt) {
    return formatDuration(Math.max(0, (now - sandbox.startedAt) / 1000));
  }
  return sandbox.stoppedAt ? <Age time={sandbox.stoppedAt} /> : '';
}

function NoSandboxes() {
  const hasSnapshot = useSnapshots(({ items }) => items.some(({ status }) => status === 'ready'));
  if (hasSnapshot) {
    return (
      <EmptyState title="No sandboxes yet" action={<NewSandboxButton />}>
        A sandbox is a disposable machine that boots from a snapshot in a moment.
      </EmptyState>
    );
  }
  return (
    <EmptyState title="No sandboxes yet" action={<NewSnapshotButton />}>
      A sandbox boots from a snapshot. Build one first, from any Docker image.
    </EmptyState>
  );
}

function NewSandboxButton() {
  const ready = useEngineReady();
  return (
    <Button
      variant="primary"
      disabled={!ready}
      onClick={() => openDialog({ kind: 'new-sandbox', snapshotId: null })}
    >
      New sandbox
    </Button>
  );
}
