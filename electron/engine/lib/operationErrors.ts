import { ORPCError, os, ValidationError } from '@orpc/server';
import { type ErrorInfo, SandglassError, toSandglassError } from '#shared/errors';

/** Converts all errors of operations, so that code and fields survive any transport. */
export const wireErrors = os.middleware(async ({ next }) => {
  try {
    return await next();
  } catch (thrown) {
    throw toWireError(thrown);
  }
});

/** Converts an error for the transport; also for streams, which throw while they are read. */
export function toWireError(thrown: unknown): ORPCError<string, ErrorInfo> {
  const error = fromValidation(thrown) ?? toSandglassError(thrown);
  return new ORPCError(error.code, {
    message: error.message,
    data: error.toInfo(),
    cause: error,
  });
}

/** Converts a validation error to `invalid_input` with the field's name. */
function fromValidation(thrown: unknown): SandglassError | null {
  const isInput = thrown instanceof ORPCError && thrown.code === 'BAD_REQUEST';
  if (!isInput || !(thrown.cause instanceof ValidationError)) return null;
  const [first] = thrown.cause.issues;
  const field = (first?.path ?? [])
    .map((part) => String(typeof part === 'object' ? part.key : part))
    .join('.');
  const reason = first?.message ?? 'The input is invalid.';
  return new SandglassError('invalid_input', field ? `${field}: ${reason}` : reason, {
    field: field || undefined,
    cause: thrown,
  });
}
