import { useEffect, useState } from 'react';
import type { Reclaimable, ReclaimChoice } from '#shared/contract/disk';
import type { Task } from '#shared/contract/tasks';
import { formatBytes, formatCount } from '#shared/format';
import { operations } from '../../api/operations';
import { measureDisk } from '../../stores/disk';
import { useEngineReady } from '../../stores/engine';
import { useCloseDialog } from '../../stores/route';
import { useTasks } from '../../stores/tasks';
import { Button } from '../../ui/Button';
import { Dialog, DialogActions } from '../../ui/Dialog';
import { ErrorNote } from '../../ui/ErrorNote';
import { Progress } from '../../ui/Progress';
import { useOperation } from '../../ui/useOperation';
import { TaskProgress } from '../activity/TaskProgress';
import { ReclaimList } from './ReclaimList';
import { choiceOf, type Selected, select } from './reclaimChoice';
import './disk.css';
import './ReclaimDialog.css';

/** Selects objects to delete, previews the freed space and shows the progress. */
export function ReclaimDialog() {
  const closeDialog = useCloseDialog();
  const [items, setItems] = useState<Reclaimable[] | null>(null);
  const [selected, setSelected] = useState<Selected>(new Set());
  const [taskId, setTaskId] = useState<string | null>(null);
  const task = useTasks((tasks) => tasks.items.find(({ id }) => id === taskId) ?? null);
  const { running, error, run } = useOperation();
  const ready = useEngineReady();
  const chosen = choiceOf(items ?? [], selected);
  const preview = usePreview(chosen);

  const load = () =>
    run(async () => {
      const found = await operations.disk.reclaimable();
      setItems(found);
      setSelected(new Set(found.filter(({ suggested }) => suggested).map(({ id }) => id)));
    });
  // biome-ignore lint/correctness/useExhaustiveDependencies: loads once, when the dialog opens
  useEffect(() => void load(), []);

  const start = () =>
    run(async () => {
      const started = await operations.disk.reclaim(chosen);
      setTaskId(started.task.id);
    });

  if (task) return <Reclaiming task={task} onClose={closeDialog} />;
  return (
    <Dialog
      title="Reclaim disk space"
      width="wide"
      description="Lists only what Sandglass created. Deleting cannot be undone: export anything you may need again."
      onClose={closeDialog}
    >
      {error && <ErrorNote error={error} />}
      {!items && !error && (
        <div className="disk-loading" role="status">
          <p className="soft">Looking for unused data…</p>
          <Progress fraction={null} label="Looking for unused data" />
        </div>
      )}
      {items?.length === 0 && (
        <p className="soft">
          Nothing to reclaim: there are no unused snapshots, stopped sandboxes or leftovers.
        </p>
      )}
      {items && items.length > 0 && (
        <>
          <ReclaimList
            items={items}
            selected={selected}
            onSelect={(ids, on) => setSelected(select(items, selected, ids, on))}
          />
          <p className="reclaim-sum" aria-live="polite">
            {selected.size === 0 ? 'Select what to delete.' : sumText(selected.size, preview)}
          </p>
        </>
      )}
      <DialogActions>
        <Button autoFocus onClick={closeDialog}>
          {items?.length === 0 ? 'Close' : 'Cancel'}
        </Button>
        {!items && error && <Button onClick={() => void load()}>Try again</Button>}
        {items?.length !== 0 && (
          <Button
            variant="danger"
            disabled={running || !ready || selected.size === 0}
            onClick={() => void start()}
          >
            {selected.size === 0 ? 'Delete' : `Delete ${formatCount(selected.size)}`}
          </Button>
        )}
      </DialogActions>
    </Dialog>
  );
}

function sumText(count: number, bytes: number | null): string {
  const items = count === 1 ? 'this item' : `these ${formatCount(count)} items`;
  return `Deleting ${items} frees ${bytes === null ? '…' : formatBytes(bytes)}.`;
}

/** Bytes that a selection would free; null while being computed. */
function usePreview(choice: Required<ReclaimChoice>): number | null {
  const key = JSON.stringify(choice);
  const [known, setKnown] = useState<{ key: string; bytes: number } | null>(null);
  useEffect(() => {
    let current = true;
    const load = async () => {
      const { bytes } = await operations.disk.reclaimPreview(JSON.parse(key));
      if (current) setKnown({ key, bytes });
    };
    // Fails only without Docker, when the Delete button is disabled.
    load().catch(() => {});
    return () => {
      current = false;
    };
  }, [key]);
  return known?.key === key ? known.bytes : null;
}

/** Progress of the deletion, then its result. */
function Reclaiming({ task, onClose }: { task: Task; onClose: () => void }) {
  const ended = task.endedAt !== null;
  useEffect(() => {
    if (ended) void measureDisk();
  }, [ended]);
  return (
    <Dialog title={ended ? (task.outcome ?? 'Reclaim') : 'Reclaiming'} onClose={onClose}>
      {!ended && <TaskProgress task={task} />}
      {task.state === 'succeeded' && <p className="soft">Deleted {task.subject}.</p>}
      {task.state === 'cancelled' && (
        <p className="soft">Cancelled. Anything not deleted yet is unchanged.</p>
      )}
      {task.error && <ErrorNote error={task.error} />}
      <DialogActions>
        <Button onClick={onClose}>{ended ? 'Close' : 'Continue in background'}</Button>
      </DialogActions>
    </Dialog>
  );
}
