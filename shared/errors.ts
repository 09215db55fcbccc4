/**
 * The closed set of things that can go wrong, shared by the window, the tray and the API.
 * A caller branches on `code`; `message` says what happened, `hint` what to do about it.
 */
export const errorCodes = [
  'invalid_input',
  'not_found',
  'name_taken',
  'in_use',
  'conflict',
  'not_running',
  'engine_unreachable',
  'engine_error',
  'image_not_found',
  'image_unusable',
  'registry_unreachable',
  'registry_denied',
  'registry_insecure',
  'secrets_unprotected',
  'build_failed',
  'mount_failed',
  'checksum_mismatch',
  'capacity_exceeded',
  'timeout',
  'command_timeout',
  'file_not_found',
  'not_a_file',
  'not_a_directory',
  'disk_full',
  'port_unreachable',
  'cancelled',
  'interrupted',
  'catalog_newer',
  'catalog_broken',
  'forbidden',
  'internal',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** What crosses every border (IPC, HTTP, task history): plain data, no stack. */
export interface ErrorInfo {
  code: ErrorCode;
  message: string;
  /** What the user can do about it, as a sentence; null where there is nothing to do. */
  hint: string | null;
  /** True when the same call may succeed later without being changed. */
  retryable: boolean;
  /** The input field at fault, as a dotted path. */
  field: string | null;
}

/** Codes for which waiting and calling again can help. */
const retryableCodes: ReadonlySet<ErrorCode> = new Set([
  'engine_unreachable',
  'registry_unreachable',
  'timeout',
  'conflict',
  'port_unreachable',
  'interrupted',
]);

export interface ErrorOptions {
  hint?: string;
  field?: string;
  cause?: unknown;
}

/** The only error that operations throw on purpose. */
export class SandglassError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | null;
  readonly field: string | null;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.name = 'SandglassError';
    this.code = code;
    this.hint = options.hint ?? null;
    this.field = options.field ?? null;
  }

  get retryable(): boolean {
    return retryableCodes.has(this.code);
  }

  toInfo(): ErrorInfo {
    return {
      code: this.code,
      message: this.message,
      hint: this.hint,
      retryable: this.retryable,
      field: this.field,
    };
  }

  static fromInfo(info: ErrorInfo): SandglassError {
    return new SandglassError(info.code, info.message, {
      hint: info.hint ?? undefined,
      field: info.field ?? undefined,
    });
  }
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return (errorCodes as readonly unknown[]).includes(value);
}

/** Any thrown value as a SandglassError; what was not thrown on purpose becomes `internal`. */
export function toSandglassError(thrown: unknown): SandglassError {
  if (thrown instanceof SandglassError) return thrown;
  const disk = diskError(thrown);
  if (disk) return disk;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new SandglassError('internal', message, {
    cause: thrown,
    hint: 'This is a fault in Sandglass. The log has the details.',
  });
}

/** What the disk refused, whoever wrote to it: the catalog or a file of ours. */
function diskError(thrown: unknown): SandglassError | null {
  const code = (thrown as { code?: unknown } | null)?.code;
  if (code === 'SQLITE_FULL' || code === 'ENOSPC') {
    return new SandglassError('disk_full', 'The disk of this computer is full.', {
      hint: 'Make room on it, then try again. Nothing was changed.',
      cause: thrown,
    });
  }
  if (code === 'EROFS' || (typeof code === 'string' && code.startsWith('SQLITE_READONLY'))) {
    return new SandglassError('catalog_broken', 'The folder of Sandglass cannot be written.', {
      hint: 'Its disk is read-only now. Make it writable, then start Sandglass again.',
      cause: thrown,
    });
  }
  return null;
}
