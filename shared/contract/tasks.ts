import { oc } from '@orpc/contract';
import { z } from 'zod';
import { errorInfoSchema, idSchema, timeoutSecondsSchema, timestampSchema } from './fields';

export const taskKinds = [
  'snapshot.create',
  'snapshot.capture',
  'snapshot.build',
  'snapshot.duplicate',
  'snapshot.import',
  'snapshot.export',
  'snapshot.update',
  'snapshot.delete',
  'sandbox.create',
  'sandbox.start',
  'sandbox.stop',
  'sandbox.suspend',
  'files.upload',
  'files.download',
  'contents.save',
  'sandbox.delete',
  'disk.reclaim',
] as const;
export type TaskKind = (typeof taskKinds)[number];

/** `cancelling` is still running; the last three states are final. */
export const taskStates = ['running', 'cancelling', 'succeeded', 'failed', 'cancelled'] as const;

/** Progress of one layer of a pull. Bytes; `total` is null until the registry has reported it. */
export const layerProgressSchema = z.object({
  id: z.string(),
  status: z.string(),
  current: z.number(),
  total: z.number().nullable(),
});
export type LayerProgress = z.infer<typeof layerProgressSchema>;

export const taskProgressSchema = z.object({
  /** Short description of the current step, e.g. "Pulling python:3.12". */
  step: z.string(),
  /** From 0 to 1; null while the amount of work is unknown. */
  fraction: z.number().min(0).max(1).nullable(),
  bytesDone: z.number().nullable(),
  bytesTotal: z.number().nullable(),
  layers: z.array(layerProgressSchema),
});
export type TaskProgress = z.infer<typeof taskProgressSchema>;

/** Long-running operation of the main process. */
export const taskSchema = z.object({
  id: idSchema,
  kind: z.enum(taskKinds),
  /** Name of the object, for display. */
  subject: z.string(),
  snapshotId: idSchema.nullable(),
  sandboxId: idSchema.nullable(),
  state: z.enum(taskStates),
  progress: taskProgressSchema,
  error: errorInfoSchema.nullable(),
  /** Result for display, e.g. "Freed 1.2 GiB". */
  outcome: z.string().nullable(),
  cancellable: z.boolean(),
  startedAt: timestampSchema,
  endedAt: timestampSchema.nullable(),
});
export type Task = z.infer<typeof taskSchema>;

export const tasksContract = {
  list: oc.output(z.array(taskSchema)),
  get: oc.input(z.object({ id: idSchema })).output(taskSchema),
  /** Cancels a task, which cleans up. Resolves with the final task. */
  cancel: oc.input(z.object({ id: idSchema })).output(taskSchema),
  /**
   * Waits until the task has ended. A `timeout` ends the wait, not the task. The default wait
   * depends on the kind of task (`defaultWaitSeconds`).
   */
  wait: oc
    .input(z.object({ id: idSchema, timeoutSeconds: timeoutSecondsSchema.optional() }))
    .output(taskSchema),
  /** Log of a build; empty for other tasks and for tasks of an earlier run of the app. */
  log: oc.input(z.object({ id: idSchema })).output(z.object({ text: z.string() })),
  /** Removes ended tasks from the list. */
  clearEnded: oc.output(z.void()),
};
