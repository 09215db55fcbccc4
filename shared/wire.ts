import { base64ToUint8Array, uint8ArrayToBase64 } from 'uint8array-extras';
import { type ErrorInfo, isErrorCode, SandglassError, toSandglassError } from './errors';

/** oRPC reserves type numbers below 20. */
const BYTES_TYPE = 20;

export const wireSerializers = [
  {
    type: BYTES_TYPE,
    condition: (value: unknown) => value instanceof Uint8Array,
    serialize: (value: unknown) => uint8ArrayToBase64(value as Uint8Array),
    deserialize: (value: unknown) => base64ToUint8Array(value as string),
  },
];

/** Restores the SandglassError of a rejected operation, for any transport. */
export function fromWireError(thrown: unknown): SandglassError {
  if (thrown instanceof SandglassError) return thrown;
  const { code, data } = (thrown ?? {}) as { code?: unknown; data?: unknown };
  return isErrorCode(code) && data
    ? SandglassError.fromInfo(data as ErrorInfo)
    : toSandglassError(thrown);
}

/** `onError` handler that makes a client's calls reject with a SandglassError. */
export function throwSandglassError(thrown: unknown): never {
  throw fromWireError(thrown);
}
