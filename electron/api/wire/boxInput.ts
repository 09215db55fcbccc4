import { z } from 'zod';
import type { OperationInputs } from '#shared/contract/index';
import { SandglassError } from '#shared/errors';
import { unsupportedOption } from './errors';
import { refuseTagValues } from './listing';
import { mountConfigWire, toGitMounts } from './mounts';
import { proxyConfigInput, toEgress } from './proxyConfig';
import { runConfigInput, toRunConfigChange } from './runConfig';
import { isId } from './snapshots';

/** Defaults of the hosted service: 10 minutes and 14 days. */
const IDLE_TTL_SECONDS = 600;
const DELETE_AFTER_STOP_SECONDS = 1_209_600;
const CREATE_TIMEOUT_SECONDS = 30;

const ttl = z
  .number()
  .refine(
    (seconds) => seconds % 60 === 0,
    'A lifetime must be a multiple of 60 seconds, or 0 for never.',
  )
  .nullish();

export const boxCreation = z.object({
  name: z.string().nullish(),
  snapshot_id: z.string().nullish(),
  snapshot_name: z.string().nullish(),
  snapshot: z.string().nullish(),
  wait_for_ready: z.boolean().default(true),
  timeout: z.number().positive().default(CREATE_TIMEOUT_SECONDS),
  idle_ttl_seconds: ttl,
  delete_after_stop_seconds: ttl,
  vcpus: z.number().nullish(),
  mem_bytes: z.number().nullish(),
  cpu_millicores: z.number().nullish().describe('Takes precedence over vcpus: 500 is half a CPU.'),
  fs_capacity_bytes: z.number().nullish(),
  labels: z.record(z.string(), z.string()).nullish(),
  persistent: z.boolean().nullish(),
  preserve_memory_on_stop: z.boolean().nullish(),
  restore_memory: z.boolean().nullish(),
  env_vars: z.record(z.string(), z.string()).nullish(),
  run_config: runConfigInput.nullish(),
  mount_config: mountConfigWire.nullish(),
  proxy_config: proxyConfigInput.nullish(),
  access_delegation: z.unknown().optional(),
  volumes: z.unknown().optional(),
  tag_value_ids: z.unknown().optional(),
});

export const boxChange = z.object({
  name: z.string().nullish(),
  idle_ttl_seconds: ttl,
  delete_after_stop_seconds: ttl,
  run_config: runConfigInput.nullish(),
  vcpus: z.number().nullish(),
  cpu_millicores: z.number().nullish(),
  mem_bytes: z.number().nullish(),
  fs_capacity_bytes: z.number().nullish(),
  proxy_config: proxyConfigInput.nullish(),
  tag_value_ids: z.unknown().optional(),
});

/** @throws SandglassError `invalid_input` for unsupported options */
export function toCreation(
  body: z.infer<typeof boxCreation>,
): OperationInputs['sandboxes']['create'] {
  refuseUnsupported(body);
  const runConfig = toRunConfigChange(body.run_config);
  return {
    name: body.name ?? undefined,
    ...snapshotOf(body),
    gitMounts: toGitMounts(body.mount_config),
    vcpus: vcpusOf(body),
    memBytes: body.mem_bytes ?? undefined,
    fsCapacityBytes: body.fs_capacity_bytes ?? undefined,
    labels: body.labels ?? undefined,
    preserveMemory: body.preserve_memory_on_stop ?? undefined,
    egress: toEgress(body.proxy_config) ?? undefined,
    user: runConfig?.user,
    workDir: runConfig?.workDir,
    env: { ...body.env_vars, ...runConfig?.env },
    idleStopSeconds: body.idle_ttl_seconds ?? IDLE_TTL_SECONDS,
    deleteAfterStopSeconds: body.delete_after_stop_seconds ?? DELETE_AFTER_STOP_SECONDS,
  };
}

/** @throws SandglassError `invalid_input` for unsupported options */
export function toChange(
  body: z.infer<typeof boxChange>,
): Omit<OperationInputs['sandboxes']['update'], 'sandbox'> {
  refuseUnsupported(body);
  if (typeof body.fs_capacity_bytes === 'number') {
    throw unsupportedOption(
      'fs_capacity_bytes',
      'the disk capacity of a sandbox cannot be changed',
    );
  }
  return {
    name: body.name ?? undefined,
    idleStopSeconds: body.idle_ttl_seconds ?? undefined,
    deleteAfterStopSeconds: body.delete_after_stop_seconds ?? undefined,
    runConfig: toRunConfigChange(body.run_config),
    egress: toEgress(body.proxy_config),
    vcpus: vcpusOf(body),
    memBytes: body.mem_bytes ?? undefined,
  };
}

/** Snapshot reference by id or name, or by `snapshot`, which newer clients use for both. */
function snapshotOf(body: {
  snapshot_id?: string | null;
  snapshot_name?: string | null;
  snapshot?: string | null;
}): { snapshotId?: string; snapshotName?: string } {
  const { snapshot_id: id, snapshot_name: name, snapshot } = body;
  if (snapshot && (id || name)) {
    throw new SandglassError(
      'invalid_input',
      'snapshot: use only one of snapshot, snapshot_id and snapshot_name.',
      { field: 'snapshot' },
    );
  }
  if (snapshot && isId(snapshot)) return { snapshotId: snapshot };
  return { snapshotId: id ?? undefined, snapshotName: name ?? snapshot ?? undefined };
}

/** `cpu_millicores` takes precedence, as it is more precise. */
function vcpusOf(body: {
  vcpus?: number | null;
  cpu_millicores?: number | null;
}): number | undefined {
  if (typeof body.cpu_millicores === 'number') return body.cpu_millicores / 1000;
  return body.vcpus ?? undefined;
}

/** Options without a local counterpart, rejected by field. */
const unsupported: Record<string, string> = {
  access_delegation: 'there are no workspaces whose access could be delegated',
  volumes: 'shared volumes are not supported; use captures to share files',
};

function refuseUnsupported(body: Record<string, unknown>): void {
  refuseTagValues(body.tag_value_ids);
  for (const [field, reason] of Object.entries(unsupported)) {
    const value = body[field];
    const isEmpty = Array.isArray(value) && value.length === 0;
    if (value !== undefined && value !== null && !isEmpty) throw unsupportedOption(field, reason);
  }
  if (body.persistent === false) {
    throw unsupportedOption('persistent', 'every sandbox keeps its files when it stops');
  }
  if (body.restore_memory === true) {
    throw unsupportedOption('restore_memory', 'snapshots do not include memory');
  }
}
