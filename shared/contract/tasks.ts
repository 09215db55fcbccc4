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

/** `cancelling` is still at work; exactly one of the last three ends a task. */
export const taskStates = ['running', 'cancelling', 'succeeded', 'failed', 'cancelled'] as const;
export type TaskState = (typeof taskStates)[number];

/** One layer of a pull; `total` is null until the registry has said. Bytes. */
export const layerProgressSchema = z.object({
  id: z.string(),
  status: z.string(),
  current: z.number(),
  total: z.number().nullable(),
});
export type LayerProgress = z.infer<typeof layerProgressSchema>;

export const taskProgressSchema = z.object({
  /** What is being done now, as a short phrase: "Pulling python:3.12". */
  step: z.string(),
  /** 0 to 1, or null while the amount of work is unknown. */
  fraction: z.number().min(0).max(1).nullable(),
  bytesDone: z.number().nullable(),
  bytesTotal: z.number().nullable(),
  layers: z.array(layerProgressSchema),
});
export type TaskProgress = z.infer<typeof taskProgressSchema>;

/** A long operation owned by the main process. */
export const taskSchema = z.object({
  id: idSchema,
  kind: z.enum(taskKinds),
  /** The name of what it works on, for people. */
  subject: z.string(),
  snapshotId: idSchema.nullable(),
  sandboxId: idSchema.nullable(),
  state: z.enum(taskStates),
  progress: taskProgressSchema,
  error: errorInfoSchema.nullable(),
  /** What came of it beyond its state, for people: "Freed 1.2 GiB". */
  outcome: z.string().nullable(),
  cancellable: z.boolean(),
  startedAt: timestampSchema,
  endedAt: timestampSchema.nullable(),
});
export type Task = z.infer<typeof taskSchema>;

export const tasksContract = {
  list: oc.output(z.array(taskSchema)),
  get: oc.input(z.object({ id: idSchema })).output(taskSchema),
  /** Asks a task to stop and clean up; resolves with the task in its end state. */
  cancel: oc.input(z.object({ id: idSchema })).output(taskSchema),
  /**
   * Waits for the end state; a `timeout` ends the wait, never the work. Without a number it waits as
   * long as `defaultWaitSeconds` has for its kind.
   */
  wait: oc
    .input(z.object({ id: idSchema, timeoutSeconds: timeoutSecondsSchema.optional() }))
    .output(taskSchema),
  /** What a build has said so far; empty for other tasks and for those of an earlier run. */
  log: oc.input(z.object({ id: idSchema })).output(z.object({ text: z.string() })),
  /** Forgets the ended ones; running tasks stay. */
  clearEnded: oc.output(z.void()),
};
