/** Codes of our own, as docker, timeout and the shells have them. */
export const exitCodes = {
  ours: 125,
  timedOut: 124,
  /** 128 and the number of the signal that would have ended us. */
  brokenPipe: 141,
  interrupted: 130,
} as const;

/** Something that the user is told in one line, and what this process then ends with. */
export class Failure extends Error {
  readonly exitCode: number;
  /** The API's word for what went wrong; null when it was not asked. */
  readonly type: string | null;

  constructor(
    message: string,
    options: { exitCode?: number; type?: string; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'Failure';
    this.exitCode = options.exitCode ?? exitCodes.ours;
    this.type = options.type ?? null;
  }
}

/** The code of a system error (`ENOENT`); undefined for any other. */
export function systemCode(thrown: unknown): string | undefined {
  const code = (thrown as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}
