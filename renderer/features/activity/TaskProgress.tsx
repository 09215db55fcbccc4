import type { Task } from '#shared/contract/tasks';
import { operations } from '../../api/operations';
import { openDialog } from '../../stores/route';
import { Button } from '../../ui/Button';
import { Progress } from '../../ui/Progress';
import { toastError } from '../../ui/toastError';
import { taskProgressText, taskTitle } from './describeTask';

interface TaskProgressProps {
  task: Task;
  /** Its log is in sight already. */
  isLogShown?: boolean;
}

/**
 * A running task: what it does now, how far it is, the way to its log, and Cancel where that is possible.
 */
export function TaskProgress({ task, isLogShown = false }: TaskProgressProps) {
  return (
    <div className="task-progress">
      <div className="task-progress-line">
        <span className="soft">
          {task.state === 'cancelling' ? 'Cancelling…' : taskProgressText(task)}
        </span>
        {task.kind === 'snapshot.build' && !isLogShown && (
          <Button
            variant="quiet"
            aria-label="Log"
            className="task-log-button"
            onClick={() => openDialog({ kind: 'task-log', taskId: task.id })}
          >
            Log
          </Button>
        )}
        {task.cancellable && (
          <Button
            variant="quiet"
            aria-label="Cancel"
            onClick={() => void toastError(operations.tasks.cancel({ id: task.id }))}
          >
            Cancel
          </Button>
        )}
      </div>
      <Progress fraction={task.progress.fraction} label={taskTitle(task)} />
    </div>
  );
}
