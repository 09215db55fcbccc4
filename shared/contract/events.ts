import { eventIterator, oc } from '@orpc/contract';
import { z } from 'zod';
import { contentsStatusSchema } from './contents';
import { engineStatusSchema } from './engine';
import { idSchema } from './fields';
import { localApiStatusSchema } from './localApi';
import { registrySchema } from './registries';
import { sandboxSchema } from './sandboxes';
import { settingsSchema } from './settings';
import { snapshotSchema } from './snapshots';
import { taskSchema } from './tasks';
import { terminalSchema } from './terminals';

/** Changes as complete objects, which replace the previous version. */
export const changeSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('engine'), status: engineStatusSchema }),
  z.object({ type: z.literal('snapshot'), snapshot: snapshotSchema }),
  z.object({ type: z.literal('snapshot.removed'), id: idSchema }),
  z.object({ type: z.literal('sandbox'), sandbox: sandboxSchema }),
  z.object({ type: z.literal('sandbox.removed'), id: idSchema }),
  z.object({ type: z.literal('terminal'), terminal: terminalSchema }),
  z.object({ type: z.literal('terminal.removed'), id: idSchema }),
  z.object({ type: z.literal('task'), task: taskSchema }),
  /** Output to append to a build's log. */
  z.object({ type: z.literal('task.log'), id: idSchema, text: z.string() }),
  z.object({ type: z.literal('task.removed'), id: idSchema }),
  z.object({ type: z.literal('registry'), registry: registrySchema }),
  z.object({ type: z.literal('registry.removed'), id: idSchema }),
  /** Progress of indexing. With an id, the indexing state of this snapshot has changed. */
  z.object({
    type: z.literal('contents'),
    status: contentsStatusSchema,
    snapshotId: idSchema.nullable(),
  }),
  z.object({ type: z.literal('localApi'), status: localApiStatusSchema }),
  z.object({ type: z.literal('settings'), settings: settingsSchema }),
]);
export type Change = z.infer<typeof changeSchema>;

export const eventsContract = {
  /** Streams changes from now on. Subscribe before listing to miss nothing. */
  subscribe: oc.output(eventIterator(changeSchema)),
};
