/**
 * Closed set of error codes, shared by the window, the tray and the API. Callers branch on `code`;
 * `message` describes what happened, `hint` what to do.
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

/** Serializable form of an error (IPC, HTTP, task history), without a stack. */
export interface ErrorInfo {
  code: ErrorCode;
  message: string;
  /** Advice for the user as a sentence; null if there is none. */
  hint: string | null;
  /** True if retrying the same call may succeed. */
  retryable: boolean;
  /** Dotted path of the invalid input field. */
  field: string | null;
}

/** Codes of transient errors. */
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

/** The only error type that operations throw intentionally. */
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

/** Converts a thrown value; unexpected errors become `internal`. */
export function toSandglassError(thrown: unknown): SandglassError {
  if (thrown instanceof SandglassError) return thrown;
  const disk = diskError(thrown);
  if (disk) return disk;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new SandglassError('internal', message, {
    cause: thrown,
    hint: 'This is a bug in Sandglass. See the log for details.',
  });
}

/** Errors of the host's disk, from SQLite or the file system. */
function diskError(thrown: unknown): SandglassError | null {
  const code = (thrown as { code?: unknown } | null)?.code;
  if (code === 'SQLITE_FULL' || code === 'ENOSPC') {
    return new SandglassError('disk_full', 'The disk of this computer is full.', {
      hint: 'Free up space, then try again. Nothing was changed.',
      cause: thrown,
    });
  }
  if (code === 'EROFS' || (typeof code === 'string' && code.startsWith('SQLITE_READONLY'))) {
    return new SandglassError('catalog_broken', 'The Sandglass folder is not writable.', {
      hint: 'Its disk is read-only. Make it writable, then restart Sandglass.',
      cause: thrown,
    });
  }
  return null;
}
