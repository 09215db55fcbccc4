import { useCloseDialog } from '../../stores/route';
import { useTasks } from '../../stores/tasks';
import { Button } from '../../ui/Button';
import { Dialog, DialogActions } from '../../ui/Dialog';
import { ErrorNote } from '../../ui/ErrorNote';
import { taskOutcome, taskTitle } from './describeTask';
import { LogText } from './TaskLog';
import { TaskProgress } from './TaskProgress';
import './activity.css';

/** Build log as a dialog. Closing it does not stop the build. */
export function TaskLogDialog({ taskId }: { taskId: string }) {
  const closeDialog = useCloseDialog();
  const task = useTasks(({ items }) => items.find(({ id }) => id === taskId));
  if (!task) return null;
  const ended = task.endedAt !== null;
  return (
    <Dialog title={taskTitle(task)} width="wide" onClose={closeDialog}>
      {ended ? (
        <p className="soft" role="status">
          {taskOutcome(task)}
        </p>
      ) : (
        <TaskProgress task={task} isLogShown />
      )}
      {task.error && <ErrorNote error={task.error} />}
      <LogText taskId={taskId} />
      <DialogActions>
        <Button onClick={closeDialog}>{ended ? 'Close' : 'Continue in background'}</Button>
      </DialogActions>
    </Dialog>
  );
}
