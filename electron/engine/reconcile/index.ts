import type { EngineContext } from '../context';
import type { DaemonEvent, DockerApi } from '../docker';
import { ImageReconciler } from './images';
import type { ReconcileNeeds } from './needs';
import { ReconcileQueue } from './queue';
import { SandboxReconciler } from './sandboxes';

/**
 * Reconciles the catalog with Docker: completely at each connection, by events in between. Restores
 * rows from labels, drops rows whose object is gone, and removes the partial objects of a crash. An
 * object with a running task is left to that task.
 */
export function openReconcile(context: EngineContext, needs: ReconcileNeeds) {
  const queue = new ReconcileQueue(async () => {
    await sandboxes.compare(context.docker);
    await images.compare(context.docker);
  }, needs.onError);
  const sandboxes = new SandboxReconciler(context, needs, queue);
  const images = new ImageReconciler(context, needs, queue);
  let imagesCompared: Promise<void> = Promise.resolve();

  return {
    /** Compares the sandboxes at a new connection: quick, whatever the number of snapshots. */
    reconcileSandboxes: (docker: DockerApi) => queue.run(() => sandboxes.compare(docker)),

    /** Compares the images afterwards: the daemon takes seconds to list thousands of them. */
    reconcileImages: async (docker: DockerApi) => {
      const run = queue.run(() => images.compare(docker));
      imagesCompared = run.catch(() => {}).finally(() => queue.compareLater());
      await run;
    },

    /** Resolves when the images of the current connection have been compared. */
    untilImagesCompared: async () => await imagesCompared,

    onEvent: (event: DaemonEvent) => {
      if (event.subject === 'image') return queue.compareSoon();
      const { own, action, containerId } = event;
      if (!own) return;
      const record = context.catalog.sandboxes.findByContainer(containerId);
      if (!record || action === 'destroy') return queue.compareSoon();
      queue.enqueue(() => sandboxes.inspect(record.id, containerId));
    },

    /** Begins no further comparison and waits for the current one. */
    close: () => queue.close(),
  };
}
