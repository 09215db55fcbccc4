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

/** Everything that changes, as whole objects: a listener replaces what it has. */
export const changeSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('engine'), status: engineStatusSchema }),
  z.object({ type: z.literal('snapshot'), snapshot: snapshotSchema }),
  z.object({ type: z.literal('snapshot.removed'), id: idSchema }),
  z.object({ type: z.literal('sandbox'), sandbox: sandboxSchema }),
  z.object({ type: z.literal('sandbox.removed'), id: idSchema }),
  z.object({ type: z.literal('terminal'), terminal: terminalSchema }),
  z.object({ type: z.literal('terminal.removed'), id: idSchema }),
  z.object({ type: z.literal('task'), task: taskSchema }),
  /** What a build has just said, to be put after what was said before. */
  z.object({ type: z.literal('task.log'), id: idSchema, text: z.string() }),
  z.object({ type: z.literal('task.removed'), id: idSchema }),
  z.object({ type: z.literal('registry'), registry: registrySchema }),
  z.object({ type: z.literal('registry.removed'), id: idSchema }),
  /** How far the looking into snapshots is; with an id, that this snapshot's contents changed state. */
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
  /** A stream of changes from now on; subscribe first, then list, and nothing is missed. */
  subscribe: oc.output(eventIterator(changeSchema)),
};
