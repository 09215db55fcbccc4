import { z } from 'zod';
import type { Snapshot } from '#shared/contract/snapshots';
import { listSchema } from './listing';
import { fromRunConfig, runConfigWire } from './runConfig';

/** Path parameter of all snapshot routes. */
export const snapshotParams = z.object({
  snapshot: z.string().describe('Id, name or name:tag of the snapshot.'),
});

export const snapshotWire = z
  .object({
    id: z.string(),
    name: z.string(),
    status: z.enum(['building', 'ready', 'failed', 'deleting']),
    status_message: z.string().optional(),
    docker_image: z.string().optional(),
    image_digest: z.string().optional(),
    source_sandbox_id: z.string().optional(),
    fs_capacity_bytes: z.number().optional(),
    fs_used_bytes: z.number().optional(),
    registry_id: z.string().optional(),
    run_config: runConfigWire,
    tags: z.array(z.string()),
    labels: z.record(z.string(), z.string()),
    description: z.string(),
    created_at: z.string(),
    updated_at: z.string(),
  })
  .meta({ id: 'Snapshot' });
export type SnapshotWire = z.infer<typeof snapshotWire>;

export const snapshotListWire = listSchema(snapshotWire, 'snapshots');

export function toSnapshotWire(snapshot: Snapshot): SnapshotWire {
  return {
    id: snapshot.id,
    name: snapshot.name,
    status: snapshot.status,
    status_message: snapshot.statusMessage ?? undefined,
    docker_image: snapshot.image ?? undefined,
    image_digest: snapshot.imageDigest ?? undefined,
    source_sandbox_id: snapshot.sourceSandboxId ?? undefined,
    fs_capacity_bytes: snapshot.fsCapacityBytes ?? undefined,
    fs_used_bytes: snapshot.sizeBytes ?? undefined,
    registry_id: snapshot.registryId ?? undefined,
    run_config: fromRunConfig(snapshot.runConfig),
    tags: snapshot.tag ? [snapshot.tag] : [],
    labels: snapshot.labels,
    description: snapshot.note,
    created_at: new Date(snapshot.createdAt).toISOString(),
    updated_at: new Date(snapshot.updatedAt).toISOString(),
  };
}

const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether a reference has the form of an id (UUID). */
export function isId(reference: string): boolean {
  return uuidPattern.test(reference);
}

/** Drops `latest`, which implicitly names the newest version. */
export function tagOf(tag: string | null | undefined): string | undefined {
  return tag && tag !== 'latest' ? tag : undefined;
}
