import type { Task } from '#shared/contract/tasks';
import { operations } from '../../api/operations';
import { openDialog } from '../../stores/route';
import { Button } from '../../ui/Button';
import { Progress } from '../../ui/Progress';
import { toastError } from '../../ui/toastError';
import { taskProgressText, taskTitle } from './describeTask';

interface TaskProgressProps {
  task: Task;
  /** Whether the log is visible already, so that no Log button is needed. */
  isLogShown?: boolean;
}

/** Current step and progress of a running task, with Log and Cancel buttons where available. */
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
