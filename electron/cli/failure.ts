/** Exit codes of the CLI itself, following docker(1), timeout(1) and shells. */
export const exitCodes = {
  failure: 125,
  timedOut: 124,
  /** 128 + SIGPIPE. */
  brokenPipe: 141,
} as const;

/** Error shown to the user as one line, with the exit code of the process. */
export class Failure extends Error {
  readonly exitCode: number;
  /** Error type of the API; null if the API did not respond. */
  readonly type: string | null;

  constructor(
    message: string,
    options: { exitCode?: number; type?: string; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'Failure';
    this.exitCode = options.exitCode ?? exitCodes.failure;
    this.type = options.type ?? null;
  }
}

/** Code of a system error, e.g. `ENOENT`; undefined for other errors. */
export function systemCode(thrown: unknown): string | undefined {
  const code = (thrown as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}
