import type { Task } from '#shared/contract/tasks';
import { formatDuration } from '#shared/format';
import { operations } from '../../api/operations';
import { useTasks } from '../../stores/tasks';
import { Age } from '../../ui/Age';
import { Button } from '../../ui/Button';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorNote } from '../../ui/ErrorNote';
import { toastError } from '../../ui/toastError';
import { taskOutcome, taskTitle } from './describeTask';
import { TaskLog } from './TaskLog';
import { TaskProgress } from './TaskProgress';
import './activity.css';

/** Lists all tasks: running ones with their progress, ended ones with their outcome. */
export function ActivityPage() {
  const { items, loaded } = useTasks();
  const ended = items.some((task) => task.endedAt !== null);
  return (
    <>
      <header className="page-header">
        <h1>Activity</h1>
        {ended && (
          <Button onClick={() => void toastError(operations.tasks.clearEnded())}>
            Clear history
          </Button>
        )}
      </header>
      {loaded && items.length === 0 ? (
        <EmptyState title="No activity yet">
          Builds, captures and other long-running operations appear here with their progress and
          result.
        </EmptyState>
      ) : (
        <ul className="task-list" aria-label="Operations">
          {items.map((task) => (
            <TaskItem key={task.id} task={task} />
          ))}
        </ul>
      )}
    </>
  );
}

/** Status dots: only running and failed tasks are coloured. */
const dots: Record<Task['state'], string> = {
  running: 'waiting',
  cancelling: 'waiting',
  succeeded: '',
  failed: 'bad',
  cancelled: '',
};

function TaskItem({ task }: { task: Task }) {
  const seconds = ((task.endedAt ?? Date.now()) - task.startedAt) / 1000;
  return (
    <li className="task-item">
      <div className="task-item-line">
        <span className={`dot ${dots[task.state]}`} />
        <span className="task-title">{taskTitle(task)}</span>
        <span className="soft">{taskOutcome(task)}</span>
        <span className="soft task-when">
          {task.endedAt !== null && `${seconds < 1 ? 'under 1 s' : formatDuration(seconds)} · `}
          <Age time={task.startedAt} />
        </span>
      </div>
      {task.endedAt === null && <TaskProgress task={task} isLogShown />}
      {task.error && <ErrorNote error={task.error} />}
      <TaskLog task={task} />
    </li>
  );
}
