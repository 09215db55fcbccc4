import type { Task } from '#shared/contract/tasks';
import { operations } from '../../api/operations';
import { Button } from '../../ui/Button';
import { Progress } from '../../ui/Progress';
import { toastError } from '../../ui/toastError';
import { taskProgressText, taskTitle } from './describeTask';

/** A running task: what it does now, how far it is, and Cancel where that is possible. */
export function TaskProgress({ task }: { task: Task }) {
  return (
    <div className="task-progress">
      <div className="task-progress-line">
        <span className="soft">
          {task.state === 'cancelling' ? 'Cancelling…' : taskProgressText(task)}
        </span>
        {task.cancellable && (
          <Button
            look="quiet"
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
