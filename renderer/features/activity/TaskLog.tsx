import { useEffect, useMemo, useRef, useState } from 'react';
import type { Task } from '#shared/contract/tasks';
import { operations } from '../../api/operations';
import { useTaskLogs } from '../../stores/tasks';
import { Button } from '../../ui/Button';
import { toastError } from '../../ui/toastError';
import { plainLog } from './plainLog';

/** Collapsible build log, expanded while the build is running. */
export function TaskLog({ task }: { task: Task }) {
  const [open, setOpen] = useState(task.endedAt === null);
  if (task.kind !== 'snapshot.build') return null;
  return (
    <>
      <Button aria-expanded={open} onClick={() => setOpen(!open)}>
        {open ? 'Hide log' : 'Show log'}
      </Button>
      {open && <LogText taskId={task.id} />}
    </>
  );
}

export function LogText({ taskId }: { taskId: string }) {
  const text = useTaskLogs((logs) => logs[taskId] ?? '');
  const plain = useMemo(() => plainLog(text), [text]);
  const end = useRef<HTMLPreElement>(null);
  useEffect(() => {
    const load = async () => {
      const { text: output } = await operations.tasks.log({ id: taskId });
      useTaskLogs.setState({ [taskId]: output });
    };
    void toastError(load());
  }, [taskId]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolls when text is appended
  useEffect(() => {
    end.current?.scrollTo({ top: end.current.scrollHeight });
  }, [text]);
  return (
    <pre ref={end} className="task-log mono selectable" role="log" aria-label="Log">
      {plain || 'No output.'}
    </pre>
  );
}
