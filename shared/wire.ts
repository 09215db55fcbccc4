import { base64ToUint8Array, uint8ArrayToBase64 } from 'uint8array-extras';
import { type ErrorInfo, isErrorCode, SandglassError, toSandglassError } from './errors';

/** How values and errors that JSON does not know travel over the operations port. */

/** Type numbers below 20 belong to oRPC (its RPC protocol reserves them). */
const BYTES_TYPE = 20;

export const wireSerializers = [
  {
    type: BYTES_TYPE,
    condition: (value: unknown) => value instanceof Uint8Array,
    serialize: (value: unknown) => uint8ArrayToBase64(value as Uint8Array),
    deserialize: (value: unknown) => base64ToUint8Array(value as string),
  },
];

/** The SandglassError that an operation's rejection stands for, whichever way it came. */
export function fromWireError(thrown: unknown): SandglassError {
  if (thrown instanceof SandglassError) return thrown;
  const { code, data } = (thrown ?? {}) as { code?: unknown; data?: unknown };
  return isErrorCode(code) && data
    ? SandglassError.fromInfo(data as ErrorInfo)
    : toSandglassError(thrown);
}

/** For a client's `onError`: its calls reject with a SandglassError. */
export function throwSandglassError(thrown: unknown): never {
  throw fromWireError(thrown);
}
