import { Camera, Play, Snowflake, Square, SquareTerminal, Trash2 } from 'lucide-react';
import type { Sandbox } from '#shared/contract/sandboxes';
import { operations } from '../../api/operations';
import { useEngineReady } from '../../stores/engine';
import { openDialog, openSandbox } from '../../stores/route';
import { useTaskOf } from '../../stores/tasks';
import { Button } from '../../ui/Button';
import { toastError } from '../../ui/toastError';

interface SandboxActionsProps {
  sandbox: Sandbox;
  /** Show the Terminal button. The sandbox's page has its own terminals. */
  withTerminal: boolean;
}

/** Actions for a sandbox in its current state. Conflicting actions are disabled. */
export function SandboxActions({ sandbox, withTerminal }: SandboxActionsProps) {
  const ready = useEngineReady();
  const task = useTaskOf(sandbox.id);
  const { id, status, activity } = sandbox;
  if (status === 'provisioning') {
    return (
      <Button
        disabled={!task?.cancellable}
        onClick={() => task && void toastError(operations.tasks.cancel({ id: task.id }))}
      >
        Cancel
      </Button>
    );
  }
  const blocked = !ready || activity !== null;
  return (
    <div className="sandbox-actions">
      {(status === 'ready' || sandbox.suspended) && (
        <Button
          disabled={blocked}
          onClick={() => void toastError(operations.sandboxes.stop({ sandbox: id }))}
        >
          <Square size={14} aria-hidden /> Stop
        </Button>
      )}
      {status !== 'ready' && (
        <Button
          disabled={blocked}
          onClick={() => void toastError(operations.sandboxes.start({ sandbox: id }))}
        >
          <Play size={14} aria-hidden /> {sandbox.suspended ? 'Resume' : 'Start'}
        </Button>
      )}
      {status === 'ready' && (
        <Button
          disabled={blocked}
          title="Freezes the sandbox’s processes and keeps their memory"
          onClick={() => void toastError(operations.sandboxes.suspend({ sandbox: id }))}
        >
          <Snowflake size={14} aria-hidden /> Suspend
        </Button>
      )}
      {withTerminal && (
        <Button disabled={!ready || status !== 'ready'} onClick={() => openSandbox(id, true)}>
          <SquareTerminal size={14} aria-hidden /> Terminal
        </Button>
      )}
      <Button disabled={blocked} onClick={() => openDialog({ kind: 'capture', sandboxId: id })}>
        <Camera size={14} aria-hidden /> Capture
      </Button>
      <Button
        variant="danger"
        disabled={blocked}
        onClick={() => openDialog({ kind: 'delete-sandbox', sandboxId: id })}
      >
        <Trash2 size={14} aria-hidden /> Delete
      </Button>
    </div>
  );
}
