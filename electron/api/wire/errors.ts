import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type ErrorCode, type ErrorInfo, SandglassError, toSandglassError } from '#shared/errors';

/**
 * HTTP status and error type per code, which the SDK maps to its exceptions. docs/API.md explains
 * the choices.
 */
const responses: Record<ErrorCode, [status: number, type: string]> = {
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

/** Resource names that the SDK looks for in the message of a quota error. */
const quotaWords = /cpu|memory|storage/i;

export interface WireError {
  status: number;
  body: { detail: unknown };
}

/** Error types by which the SDK recognizes a failed operation in a sandbox. */
export type OperationType = 'ReadError' | 'WriteError' | 'CommandError';

/** Codes that describe a failed operation. Other codes mean that it was not attempted. */
const operationCodes: ReadonlySet<ErrorCode> = new Set([
  'invalid_input',
  'command_timeout',
  'not_a_file',
  'not_a_directory',
  'capacity_exceeded',
  'disk_full',
  'interrupted',
]);

/**
 * Error response in the form that the SDK expects: a type, or the invalid field.
 *
 * @param operation set for operations in a sandbox, which have error types of their own
 */
export function toWireError(error: SandglassError, operation?: OperationType): WireError {
  const [status, usualType] = responses[error.code];
  const message = errorText(error);
  if (operation && operationCodes.has(error.code)) return wireError(status, operation, message);
  if (error.code === 'invalid_input') {
    const loc = ['body', ...(error.field ? [toSnakeCase(error.field)] : [])];
    return { status, body: { detail: [{ loc, msg: message, type: 'value_error' }] } };
  }
  const isUnnamed = status === 429 && !quotaWords.test(message);
  return wireError(status, usualType, isUnnamed ? `${message} (storage)` : message);
}

const INTERNAL_ERROR_MESSAGE = 'Internal error in Sandglass. See its log for details.';

/** Message and hint of an error as one text. */
export function errorText({ message, hint }: Pick<ErrorInfo, 'message' | 'hint'>): string {
  return hint ? `${message} ${hint}` : message;
}

/** Error as a client may see it. Internal errors are reported and replaced by a general message. */
export function toClientError(thrown: unknown, report: (thrown: unknown) => void): SandglassError {
  const error = toSandglassError(thrown);
  if (error.code !== 'internal') return error;
  report(thrown);
  return new SandglassError('internal', INTERNAL_ERROR_MESSAGE);
}

/** Error for an option of the hosted service that has no local counterpart. */
export function unsupportedOption(field: string, reason: string): SandglassError {
  return new SandglassError('invalid_input', `${field}: ${reason}.`, {
    field,
    hint: 'docs/API.md lists the supported options.',
  });
}

/** Error response as clients read it: a type with a message, or a list of invalid fields. */
export const errorWire = z.object({
  detail: z.union([
    z.object({ error: z.string(), message: z.string() }),
    z.array(z.object({ loc: z.array(z.union([z.string(), z.number()])), msg: z.string() })).min(1),
  ]),
});

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

/** Wire name of an input field. */
function toSnakeCase(field: string): string {
  const last = field.split('.').at(-1) ?? field;
  return wireNames[last] ?? last.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
