import { os } from '../operations';
import type { Tasks } from './tasks';

export { type TaskControl, type TaskDescription, Tasks } from './tasks';

/** Operations on tasks. */
export function taskOperations(tasks: Tasks) {
  return {
    list: os.tasks.list.handler(() => tasks.list()),
    get: os.tasks.get.handler(({ input }) => tasks.get(input.id)),
    cancel: os.tasks.cancel.handler(({ input }) => tasks.cancel(input.id)),
    wait: os.tasks.wait.handler(({ input }) => tasks.wait(input.id, input.timeoutSeconds)),
    log: os.tasks.log.handler(({ input }) => ({ text: tasks.log(input.id) })),
    clearEnded: os.tasks.clearEnded.handler(() => tasks.clearEnded()),
  };
}
