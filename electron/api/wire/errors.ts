import { randomUUID } from 'node:crypto';
import type { ErrorCode, SandglassError } from '#shared/errors';

/**
 * What the hosted service's client makes an exception of: a status and a type, per code. The choices
 * and their reasons are in docs/API.md.
 */
const answers: Record<ErrorCode, [status: number, type: string]> = {
  invalid_input: [422, 'ValidationError'],
  not_found: [404, 'ResourceNotFound'],
  name_taken: [409, 'ResourceNameConflict'],
  in_use: [409, 'ResourceInUse'],
  conflict: [409, 'Conflict'],
  not_running: [400, 'NotReady'],
  engine_unreachable: [503, 'ServiceUnavailable'],
  engine_error: [502, 'ConnectionError'],
  image_not_found: [422, 'ImagePull'],
  image_unusable: [422, 'CrashLoop'],
  registry_unreachable: [422, 'ImagePull'],
  registry_denied: [422, 'ImagePull'],
  registry_insecure: [422, 'ImagePull'],
  secrets_unprotected: [400, 'SecretsUnprotected'],
  build_failed: [422, 'BuildFailed'],
  mount_failed: [422, 'MountFailed'],
  checksum_mismatch: [422, 'ChecksumMismatch'],
  capacity_exceeded: [429, 'QuotaExceeded'],
  timeout: [408, 'Timeout'],
  command_timeout: [408, 'CommandTimeout'],
  file_not_found: [404, 'FileNotFound'],
  not_a_file: [400, 'NotAFile'],
  not_a_directory: [400, 'NotADirectory'],
  disk_full: [429, 'QuotaExceeded'],
  port_unreachable: [502, 'ConnectionError'],
  cancelled: [409, 'Cancelled'],
  interrupted: [409, 'Interrupted'],
  catalog_newer: [503, 'ServiceUnavailable'],
  catalog_broken: [503, 'ServiceUnavailable'],
  forbidden: [403, 'Forbidden'],
  internal: [500, 'InternalError'],
};

/** What is spent: the client looks for one of these words in the message. */
const quotaWords = /cpu|memory|storage/i;

export interface WireError {
  status: number;
  body: { detail: unknown };
}

/** The types by which the client knows what in a sandbox went wrong. */
export type OperationType = 'ReadError' | 'WriteError' | 'CommandError';

/** Codes that tell of the work in the sandbox; the others tell why there was none. */
const workCodes: ReadonlySet<ErrorCode> = new Set([
  'invalid_input',
  'command_timeout',
  'not_a_file',
  'not_a_directory',
  'capacity_exceeded',
  'disk_full',
  'interrupted',
]);

/**
 * An error as the client reads it: a type to branch on, or the field at fault. `operation`: what was to
 * be done in a sandbox, where it was that.
 */
export function toWireError(error: SandglassError, operation?: OperationType): WireError {
  const [status, usualType] = answers[error.code];
  const message = [error.message, error.hint].filter(Boolean).join(' ');
  if (operation && workCodes.has(error.code)) return wireError(status, operation, message);
  if (error.code === 'invalid_input') {
    const loc = ['body', ...(error.field ? [toSnakeCase(error.field)] : [])];
    return { status, body: { detail: [{ loc, msg: message, type: 'value_error' }] } };
  }
  const isUnnamed = status === 429 && !quotaWords.test(message);
  return wireError(status, usualType, isUnnamed ? `${message} (storage)` : message);
}

export function wireError(status: number, error: string, message: string): WireError {
  return { status, body: { detail: { error, message, error_id: randomUUID() } } };
}

const wireNames: Record<string, string> = {
  image: 'docker_image',
  builtImage: 'docker_image',
  env: 'env_vars',
  idleStopSeconds: 'idle_ttl_seconds',
  containerPort: 'port',
};

/** A field by the name that it has on the wire. */
function toSnakeCase(field: string): string {
  const last = field.split('.').at(-1) ?? field;
  return wireNames[last] ?? last.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
