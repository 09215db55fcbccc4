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
import { choiceOf, type Ticked, tick } from './reclaimChoice';
import './disk.css';
import './ReclaimDialog.css';

/** Chooses what goes, with what that frees, and shows how it goes. */
export function ReclaimDialog() {
  const closeDialog = useCloseDialog();
  const [items, setItems] = useState<Reclaimable[] | null>(null);
  const [ticked, setTicked] = useState<Ticked>(new Set());
  const [taskId, setTaskId] = useState<string | null>(null);
  const task = useTasks((tasks) => tasks.items.find(({ id }) => id === taskId) ?? null);
  const { running, error, run } = useOperation();
  const ready = useEngineReady();
  const chosen = choiceOf(items ?? [], ticked);
  const preview = usePreview(chosen);

  const load = () =>
    run(async () => {
      const found = await operations.disk.reclaimable();
      setItems(found);
      setTicked(new Set(found.filter(({ suggested }) => suggested).map(({ id }) => id)));
    });
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when it opens.
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
      description="Only what Sandglass has made. What you delete cannot be brought back: export what you may want again."
      onClose={closeDialog}
    >
      {error && <ErrorNote error={error} />}
      {!items && !error && (
        <div className="disk-loading" role="status">
          <p className="soft">Looking for what nothing uses…</p>
          <Progress fraction={null} label="Looking" />
        </div>
      )}
      {items?.length === 0 && (
        <p className="soft">
          There is nothing to reclaim: no snapshot is unused, no sandbox is stopped, and nothing is
          left over.
        </p>
      )}
      {items && items.length > 0 && (
        <>
          <ReclaimList
            items={items}
            ticked={ticked}
            onTick={(ids, on) => setTicked(tick(items, ticked, ids, on))}
          />
          <p className="reclaim-sum" aria-live="polite">
            {ticked.size === 0 ? 'Tick what can go.' : sumText(ticked.size, preview)}
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
            disabled={running || !ready || ticked.size === 0}
            onClick={() => void start()}
          >
            {ticked.size === 0 ? 'Delete' : `Delete ${formatCount(ticked.size)}`}
          </Button>
        )}
      </DialogActions>
    </Dialog>
  );
}

function sumText(count: number, bytes: number | null): string {
  const what = count === 1 ? 'This one frees' : `These ${formatCount(count)} together free`;
  return `${what} ${bytes === null ? '…' : formatBytes(bytes)}.`;
}

/** What a choice would free; null while that is being reckoned. */
function usePreview(choice: Required<ReclaimChoice>): number | null {
  const key = JSON.stringify(choice);
  const [known, setKnown] = useState<{ key: string; bytes: number } | null>(null);
  useEffect(() => {
    let current = true;
    const ask = async () => {
      const { bytes } = await operations.disk.reclaimPreview(JSON.parse(key));
      if (current) setKnown({ key, bytes });
    };
    // Without Docker there is no answer, and the button is off.
    ask().catch(() => {});
    return () => {
      current = false;
    };
  }, [key]);
  return known?.key === key ? known.bytes : null;
}

/** How far it is, and in the end what has come free. */
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
        <p className="soft">You cancelled it. What was not deleted yet is as it was.</p>
      )}
      {task.error && <ErrorNote error={task.error} />}
      <DialogActions>
        <Button onClick={onClose}>{ended ? 'Close' : 'Go on in the background'}</Button>
      </DialogActions>
    </Dialog>
  );
}
