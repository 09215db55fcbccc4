import { z } from 'zod';
import type { Sandbox } from '#shared/contract/sandboxes';
import { listSchema } from './listing';
import { fromEgress, proxyConfigWire } from './proxyConfig';
import { fromRunConfig, runConfigWire } from './runConfig';

/** Path parameter of all sandbox routes. */
export const boxParams = z.object({ box: z.string().describe('Id or name of the sandbox.') });

export const boxWire = z
  .object({
    id: z.string(),
    name: z.string(),
    dataplane_url: z.string(),
    status: z.enum(['provisioning', 'ready', 'stopped', 'failed']),
    status_message: z.string().optional(),
    created_at: z.string(),
    updated_at: z.string(),
    idle_ttl_seconds: z.number(),
    delete_after_stop_seconds: z.number(),
    stopped_at: z.string().optional(),
    snapshot_id: z.string(),
    vcpus: z.number().optional(),
    mem_bytes: z.number().optional(),
    fs_capacity_bytes: z.number().optional(),
    run_config: runConfigWire,
    proxy_config: proxyConfigWire.optional(),
    preserve_memory_on_stop: z.boolean(),
    persistent: z.boolean(),
    labels: z.record(z.string(), z.string()),
  })
  .meta({ id: 'Sandbox' });
export type BoxWire = z.infer<typeof boxWire>;

export const boxListWire = listSchema(boxWire, 'sandboxes');

/** @param base URL of the API up to and including `/v2/sandboxes`, as the client reached it */
export function toBoxWire(sandbox: Sandbox, base: string): BoxWire {
  const isoTime = (time: number) => new Date(time).toISOString();
  const changedAt = Math.max(sandbox.createdAt, sandbox.startedAt ?? 0, sandbox.stoppedAt ?? 0);
  return {
    id: sandbox.id,
    name: sandbox.name,
    dataplane_url: `${base}/${sandbox.id}`,
    status: sandbox.status,
    status_message: sandbox.statusMessage ?? undefined,
    created_at: isoTime(sandbox.createdAt),
    updated_at: isoTime(changedAt),
    idle_ttl_seconds: sandbox.idleStopSeconds,
    delete_after_stop_seconds: sandbox.deleteAfterStopSeconds,
    stopped_at:
      sandbox.status === 'stopped' && sandbox.stoppedAt !== null
        ? isoTime(sandbox.stoppedAt)
        : undefined,
    snapshot_id: sandbox.snapshotId,
    vcpus: sandbox.vcpus ?? undefined,
    mem_bytes: sandbox.memBytes ?? undefined,
    fs_capacity_bytes: sandbox.fsCapacityBytes ?? undefined,
    run_config: fromRunConfig(sandbox.runConfig),
    proxy_config: sandbox.egress ? fromEgress(sandbox.egress) : undefined,
    preserve_memory_on_stop: sandbox.preserveMemory,
    persistent: true,
    labels: sandbox.labels,
  };
}
