import { oc } from '@orpc/contract';
import { z } from 'zod';
import { idSchema, timestampSchema } from './fields';
import { taskSchema } from './tasks';

/** At most as many as anybody has. */
const idsSchema = z.array(idSchema).max(10_000, 'At most 10,000 at once.');

/**
 * What lies on the disk, in bytes, as Docker counts it. The parts are counted once each and add up:
 * `uniqueBytes` of all snapshots, `sharedBytes` and `otherImageBytes` are together `layerBytes`.
 */
export const diskUsageSchema = z.object({
  measuredAt: timestampSchema,
  /** All image layers, each once: `LayersSize` of `docker system df`. */
  layerBytes: z.number(),
  snapshots: z.array(
    z.object({
      snapshotId: idSchema,
      sizeBytes: z.number(),
      /** In layers that no other image has: what deleting it alone frees. */
      uniqueBytes: z.number(),
    }),
  ),
  /** Layers that several images have, at least one of them a snapshot. */
  sharedBytes: z.number(),
  /** Layers that only images have which are no snapshots of this Sandglass. */
  otherImageBytes: z.number(),
  sandboxes: z.array(
    z.object({
      sandboxId: idSchema,
      /** What was written over its snapshot. */
      writtenBytes: z.number(),
      /** Its volumes: `/tmp` and mounts. */
      volumeBytes: z.number(),
    }),
  ),
  /** What else Docker has, which is not this Sandglass's. */
  otherContainerBytes: z.number(),
  otherVolumeBytes: z.number(),
  buildCacheBytes: z.number(),
});
export type DiskUsage = z.infer<typeof diskUsageSchema>;

export const reclaimableKinds = ['unused-snapshot', 'stopped-sandbox', 'left-over'] as const;

/** Something that can go without a loss, or with one that is said. */
export const reclaimableSchema = z.object({
  /** Of the snapshot or the sandbox; Docker's own of a left-over. */
  id: z.string(),
  kind: z.enum(reclaimableKinds),
  name: z.string(),
  /** Why it can go, as a short phrase. */
  reason: z.string(),
  /** What deleting it alone frees. */
  bytes: z.number(),
  /** When it was made; of a sandbox, when it stopped. */
  since: timestampSchema.nullable(),
  /** Stopped sandboxes that must go before it. */
  usedBy: z.array(idSchema),
  /** Whether it is one that most would let go: a left-over, a version that a newer one replaces. */
  suggested: z.boolean(),
});
export type Reclaimable = z.infer<typeof reclaimableSchema>;

/** What to delete. */
const chosenSchema = z.object({
  snapshotIds: idsSchema.default([]),
  sandboxIds: idsSchema.default([]),
  /** As `reclaimable` has named them. */
  leftOverIds: z.array(z.string().min(1).max(512)).max(10_000).default([]),
});

export type ReclaimChoice = z.infer<typeof chosenSchema>;

export const diskContract = {
  /**
   * Measures now, or, where Docker was asked a moment ago, as soon as it may be asked again: it reads
   * its whole store for an answer. Callers at the same time share one measurement.
   *
   * @throws SandglassError `engine_unreachable`
   */
  usage: oc.output(diskUsageSchema),
  /**
   * What deleting these snapshots together would free, in bytes: the layers that no image has but they.
   * Nothing comes of one that a container uses, or that another tag keeps.
   */
  freedBy: oc.input(z.object({ snapshotIds: idsSchema })).output(z.object({ bytes: z.number() })),
  /** What could go, with what each would free. Measures as `usage` does. */
  reclaimable: oc.output(z.array(reclaimableSchema)),
  /** What these would free together, sandboxes first, by the last measurement. */
  reclaimPreview: oc.input(chosenSchema).output(z.object({ bytes: z.number() })),
  /**
   * Deletes what was chosen, one after the other; Cancel ends it between two. The task's outcome says
   * what it has freed, measured. What has come into use meanwhile is passed over and named.
   */
  reclaim: oc.input(chosenSchema).output(z.object({ task: taskSchema })),
};
