import { z } from 'zod';
import { portSchema, type Sandbox } from '#shared/contract/sandboxes';
import { flag, json, nullable, number, runConfig, text, time, userLabels } from './codecs';
import { type FieldTable, field } from './fieldTable';

/** A sandbox as the catalog stores it, with its container. */
export interface SandboxRecord extends Omit<Sandbox, 'activity' | 'egress'> {
  /** Null until the container is created. */
  containerId: string | null;
  /** Time of the last use, accurate to a few seconds. Milliseconds since 1970. */
  lastActiveAt: number;
  updatedAt: number;
}

/** Every field of a sandbox: its column in `sandboxes` and its label on the container. */
export const sandboxFields = {
  id: field('id', text()),
  name: field('name', text(), { label: 'name' }),
  status: field('status', text<Sandbox['status']>(), { initial: 'provisioning' }),
  statusMessage: field('status_message', nullable(text()), { initial: null }),
  containerId: field('container_id', nullable(text()), { initial: null }),
  snapshotId: field('snapshot_id', text(), { label: 'snapshot-id' }),
  snapshotName: field('snapshot_name', text(), { label: 'snapshot-name' }),
  vcpus: field('vcpus', nullable(number), { initial: null }),
  memBytes: field('mem_bytes', nullable(number), { initial: null }),
  pidsLimit: field('pids_limit', nullable(number), { initial: null }),
  fsCapacityBytes: field('fs_capacity_bytes', nullable(number), {
    label: 'fs-capacity-bytes',
    initial: null,
  }),
  capacityKind: field('capacity_kind', nullable(text<'hard' | 'soft'>()), { initial: null }),
  fsUsedBytes: field('fs_used_bytes', nullable(number), { initial: null }),
  network: field('network', flag, { initial: true }),
  ports: field('ports', json(z.array(portSchema), []), { initial: [] }),
  suspended: field('suspended', flag, { initial: false }),
  preserveMemory: field('preserve_memory', flag, { label: 'preserve-memory', initial: false }),
  runConfig: field('run_config', runConfig),
  labels: field('labels', userLabels, { label: 'labels', initial: {} }),
  createdAt: field('created_at', time, { label: 'created' }),
  idleStopSeconds: field('idle_stop_seconds', number, { label: 'idle-stop-seconds', initial: 0 }),
  deleteAfterStopSeconds: field('delete_after_stop_seconds', number, {
    label: 'delete-after-stop-seconds',
    initial: 0,
  }),
  lastActiveAt: field('last_active_at', time),
  startedAt: field('started_at', nullable(time), { initial: null }),
  stoppedAt: field('stopped_at', nullable(time), { initial: null }),
  updatedAt: field('updated_at', time),
} satisfies FieldTable<SandboxRecord>;
