import { ORPCError, os, ValidationError } from '@orpc/server';
import { type ErrorInfo, SandglassError, toSandglassError } from '#shared/errors';

/** Whatever an operation throws leaves it as an error that keeps our code and fields on any wire. */
export const wireErrors = os.middleware(async ({ next }) => {
  try {
    return await next();
  } catch (thrown) {
    throw toWireError(thrown);
  }
});

/** For streams, which throw when they are read. */
export function toWireError(thrown: unknown): ORPCError<string, ErrorInfo> {
  const error = fromValidation(thrown) ?? toSandglassError(thrown);
  return new ORPCError(error.code, {
    message: error.message,
    data: error.toInfo(),
    cause: error,
  });
}

/** A refused input as an `invalid_input` that names the field. */
function fromValidation(thrown: unknown): SandglassError | null {
  const isInput = thrown instanceof ORPCError && thrown.code === 'BAD_REQUEST';
  if (!isInput || !(thrown.cause instanceof ValidationError)) return null;
  const [first] = thrown.cause.issues;
  const field = (first?.path ?? [])
    .map((part) => String(typeof part === 'object' ? part.key : part))
    .join('.');
  const reason = first?.message ?? 'The input is not valid.';
  return new SandglassError('invalid_input', field ? `${field}: ${reason}` : reason, {
    field: field || undefined,
    cause: thrown,
  });
}
