import { z } from 'zod';
import type { OperationInputs } from '#shared/contract/index';
import { SandglassError } from '#shared/errors';
import { isId } from '../snapshotLookup';
import { refuseTagValues } from './listing';
import { mountConfigWire, toGitMounts } from './mounts';
import { proxyConfigInput, toEgress } from './proxyConfig';
import { runConfigInput, toRunConfigChange } from './runConfig';

/** What clients say about a sandbox that is to be made or changed, and what of it is refused. */

/** The hosted service's defaults: ten minutes, fourteen days. */
const IDLE_TTL_SECONDS = 600;
const DELETE_AFTER_STOP_SECONDS = 1_209_600;
const CREATE_TIMEOUT_SECONDS = 30;

const ttl = z
  .number()
  .refine(
    (seconds) => seconds % 60 === 0,
    'A lifetime is a multiple of 60 seconds, or 0 for never.',
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
  cpu_millicores: z.number().nullish().describe('In place of vcpus: 500 is half of one.'),
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

/** @throws SandglassError `invalid_input` for what is not offered */
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

/** @throws SandglassError `invalid_input` for what is not offered */
export function toChange(
  body: z.infer<typeof boxChange>,
): Omit<OperationInputs['sandboxes']['update'], 'sandbox'> {
  refuseUnsupported(body);
  if (typeof body.fs_capacity_bytes === 'number') {
    throw refusal('fs_capacity_bytes', 'the disk of a sandbox keeps its size');
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

/** By an id, by a name, or by either as the newest clients send it. */
function snapshotOf(body: {
  snapshot_id?: string | null;
  snapshot_name?: string | null;
  snapshot?: string | null;
}): { snapshotId?: string; snapshotName?: string } {
  const { snapshot_id: id, snapshot_name: name, snapshot } = body;
  if (snapshot && (id || name)) {
    throw new SandglassError(
      'invalid_input',
      'snapshot: give one of snapshot, snapshot_id and snapshot_name.',
      { field: 'snapshot' },
    );
  }
  if (snapshot && isId(snapshot)) return { snapshotId: snapshot };
  return { snapshotId: id ?? undefined, snapshotName: name ?? snapshot ?? undefined };
}

/** The finer one wins. */
function vcpusOf(body: {
  vcpus?: number | null;
  cpu_millicores?: number | null;
}): number | undefined {
  if (typeof body.cpu_millicores === 'number') return body.cpu_millicores / 1000;
  return body.vcpus ?? undefined;
}

/** What one computer has no counterpart of, or this version none yet, is refused by name. */
const unsupported: Record<string, string> = {
  access_delegation: 'there is no workspace whose access could be delegated',
  volumes: 'there are no shared volumes; a capture hands files on',
};

function refuseUnsupported(body: Record<string, unknown>): void {
  refuseTagValues(body.tag_value_ids);
  for (const [field, reason] of Object.entries(unsupported)) {
    const value = body[field];
    const isEmpty = Array.isArray(value) && value.length === 0;
    if (value !== undefined && value !== null && !isEmpty) throw refusal(field, reason);
  }
  if (body.persistent === false) {
    throw refusal('persistent', 'every sandbox keeps its files over a stop');
  }
  if (body.restore_memory === true) {
    throw refusal('restore_memory', 'snapshots hold files, no memory');
  }
}

function refusal(field: string, reason: string): SandglassError {
  return new SandglassError('invalid_input', `${field}: ${reason}.`, {
    field,
    hint: 'docs/API.md lists what is and is not offered.',
  });
}
