import { ArrowLeft, Settings2 } from 'lucide-react';
import { useState } from 'react';
import type { Sandbox } from '#shared/contract/sandboxes';
import { operations } from '../../api/operations';
import { useEngineReady } from '../../stores/engine';
import { go, openDialog } from '../../stores/route';
import { useSandbox, useSandboxes } from '../../stores/sandboxes';
import { useTaskOf } from '../../stores/tasks';
import { Button, IconButton } from '../../ui/Button';
import { EmptyState } from '../../ui/EmptyState';
import { toastError } from '../../ui/toastError';
import { TaskProgress } from '../activity/TaskProgress';
import {
  capacityText,
  labelsText,
  lifetimeText,
  limitsText,
  sandboxDot,
  sandboxStateText,
} from '../common/describeSandbox';
import { FilesPanel } from '../files/FilesPanel';
import { TerminalTabs } from '../terminal/TerminalTabs';
import { CapacityWarning } from './CapacityWarning';
import { SandboxActions } from './SandboxActions';
import { SandboxPorts } from './SandboxPorts';
import './sandboxes.css';

export interface SandboxPageProps {
  sandboxId: string;
  openTerminal: boolean;
}

/** Page of a sandbox: its facts, actions, and terminals or files. */
export function SandboxPage({ sandboxId, openTerminal }: SandboxPageProps) {
  const sandbox = useSandbox(sandboxId);
  const loaded = useSandboxes((state) => state.loaded);
  const ready = useEngineReady();
  const task = useTaskOf(sandboxId);
  const [showsFiles, setShowsFiles] = useState(false);
  if (!sandbox) {
    return loaded ? (
      <EmptyState
        title="This sandbox no longer exists"
        action={<Button onClick={() => go({ page: 'sandboxes' })}>All sandboxes</Button>}
      >
        It was deleted or failed to boot. See Activity for details.
      </EmptyState>
    ) : null;
  }
  return (
    <section className="sandbox-page" aria-label={sandbox.name}>
      <header className="page-header">
        <IconButton label="All sandboxes" onClick={() => go({ page: 'sandboxes' })}>
          <ArrowLeft size={16} />
        </IconButton>
        <div className="sandbox-title">
          <h1 className="selectable" title={sandbox.name}>
            {sandbox.name}
          </h1>
          <span className="state" role="status">
            <span className={`dot ${sandboxDot(sandbox)}`} />
            {sandboxStateText(sandbox)}
          </span>
        </div>
        <SandboxActions sandbox={sandbox} withTerminal={false} />
        <Button
          aria-pressed={showsFiles}
          disabled={sandbox.status === 'provisioning'}
          onClick={() => setShowsFiles(!showsFiles)}
        >
          {showsFiles ? 'Terminals' : 'Files'}
        </Button>
        <IconButton
          label="Sandbox settings"
          disabled={sandbox.status === 'provisioning'}
          onClick={() => openDialog({ kind: 'sandbox-settings', sandboxId })}
        >
          <Settings2 size={16} />
        </IconButton>
      </header>
      <p className="soft sandbox-facts">
        From <span className="mono">{sandbox.snapshotName}</span> · limits: {limitsText(sandbox)}
        {capacityText(sandbox) && ` · disk: ${capacityText(sandbox)}`}
        {lifetimeText(sandbox)}
        {labelsText(sandbox)}
        {sandbox.statusMessage && ` · ${sandbox.statusMessage}`}
      </p>
      <CapacityWarning sandbox={sandbox} />
      <SandboxPorts sandbox={sandbox} />
      {task?.cancellable && (
        <div className="sandbox-facts">
          <TaskProgress task={task} />
        </div>
      )}
      {showsFiles ? (
        <FilesPanel sandbox={sandbox} />
      ) : (
        <TerminalTabs sandbox={sandbox} openFirst={openTerminal}>
          {sandbox.status !== 'ready' && sandbox.status !== 'provisioning' && (
            <EmptyState
              title={stoppedTitle(sandbox)}
              action={
                <Button
                  variant="primary"
                  disabled={!ready || sandbox.activity !== null}
                  onClick={() =>
                    void toastError(operations.sandboxes.start({ sandbox: sandbox.id }))
                  }
                >
                  {sandbox.suspended ? 'Resume sandbox' : 'Start sandbox'}
                </Button>
              }
            >
              {sandbox.suspended
                ? 'Its processes are frozen and continue where they stopped. Resume it to work in it, or '
                : 'All its files are kept, including /tmp. Start it to work in it, or '}
              <button
                type="button"
                className="link"
                onClick={() => openDialog({ kind: 'capture', sandboxId: sandbox.id })}
              >
                capture it
              </button>{' '}
              as it is.
            </EmptyState>
          )}
        </TerminalTabs>
      )}
    </section>
  );
}

function stoppedTitle({ status, suspended }: Sandbox): string {
  if (status === 'failed') return 'This sandbox failed';
  return suspended ? 'Suspended' : 'Stopped';
}
