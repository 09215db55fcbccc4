import { oc } from '@orpc/contract';
import { z } from 'zod';
import { idSchema, timestampSchema } from './fields';
import { taskSchema } from './tasks';

/** Far above any realistic number. */
const idsSchema = z.array(idSchema).max(10_000, 'At most 10,000 items at once.');

/**
 * Disk usage in bytes, as counted by Docker. The parts are disjoint: the snapshots' `uniqueBytes`,
 * `sharedBytes` and `otherImageBytes` add up to `layerBytes`.
 */
export const diskUsageSchema = z.object({
  measuredAt: timestampSchema,
  /** All image layers, each counted once: `LayersSize` of `docker system df`. */
  layerBytes: z.number(),
  snapshots: z.array(
    z.object({
      snapshotId: idSchema,
      sizeBytes: z.number(),
      /** Layers that no other image uses: what deleting only this snapshot frees. */
      uniqueBytes: z.number(),
    }),
  ),
  /** Layers that several images use, at least one of them a snapshot. */
  sharedBytes: z.number(),
  /** Layers used only by images that are not snapshots of this Sandglass. */
  otherImageBytes: z.number(),
  sandboxes: z.array(
    z.object({
      sandboxId: idSchema,
      /** Size of the container's writable layer. */
      writtenBytes: z.number(),
      /** Size of its volumes: `/tmp` and mounts. */
      volumeBytes: z.number(),
    }),
  ),
  /** Objects of Docker that do not belong to this Sandglass. */
  otherContainerBytes: z.number(),
  otherVolumeBytes: z.number(),
  buildCacheBytes: z.number(),
});
export type DiskUsage = z.infer<typeof diskUsageSchema>;

export const reclaimableKinds = ['unused-snapshot', 'stopped-sandbox', 'left-over'] as const;

/** Object that can be deleted without loss, or with a loss that is described. */
export const reclaimableSchema = z.object({
  /** Id of the snapshot or sandbox; Docker's id for leftovers. */
  id: z.string(),
  kind: z.enum(reclaimableKinds),
  name: z.string(),
  /** Short reason why it can be deleted. */
  reason: z.string(),
  /** Bytes freed by deleting only this object. */
  bytes: z.number(),
  /** Creation time; for a sandbox, the time when it stopped. */
  since: timestampSchema.nullable(),
  /** Stopped sandboxes that have to be deleted first. */
  usedBy: z.array(idSchema),
  /** Preselected: leftovers and versions that a newer one replaces. */
  suggested: z.boolean(),
});
export type Reclaimable = z.infer<typeof reclaimableSchema>;

/** Objects to delete. */
const chosenSchema = z.object({
  snapshotIds: idsSchema.default([]),
  sandboxIds: idsSchema.default([]),
  /** Ids as reported by `reclaimable`. */
  leftOverIds: z.array(z.string().min(1).max(512)).max(10_000).default([]),
});

export type ReclaimChoice = z.infer<typeof chosenSchema>;

export const diskContract = {
  /**
   * Measures disk usage. Single-flight, and rate-limited because Docker scans its whole storage for
   * each request.
   *
   * @throws SandglassError `engine_unreachable`
   */
  usage: oc.output(diskUsageSchema),
  /**
   * Bytes that deleting these snapshots together would free: layers that no other image uses.
   * Snapshots in use by a container or another tag free nothing.
   */
  freedBy: oc.input(z.object({ snapshotIds: idsSchema })).output(z.object({ bytes: z.number() })),
  /**
   * Lists objects that can be deleted, with the bytes each would free. Measures as `usage` does.
   */
  reclaimable: oc.output(z.array(reclaimableSchema)),
  /**
   * Bytes that deleting these objects together would free, sandboxes first, by the last
   * measurement.
   */
  reclaimPreview: oc.input(chosenSchema).output(z.object({ bytes: z.number() })),
  /**
   * Deletes the chosen objects one by one. Cancelling stops between two of them. The task's outcome
   * reports the bytes freed, as measured. Objects that have come into use are skipped and listed.
   */
  reclaim: oc.input(chosenSchema).output(z.object({ task: taskSchema })),
};
