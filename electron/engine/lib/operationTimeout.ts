import { SandglassError } from '#shared/errors';

/**
 * Options of p-timeout: a `timeout` error for the caller, while the operation continues.
 *
 * @param failure sentence up to the time, e.g. `"web" did not start`
 */
export function operationTimeout(seconds: number, failure: string) {
  const message = `${failure} within ${seconds} s. The operation continues.`;
  return {
    milliseconds: seconds * 1000,
    message: new SandglassError('timeout', message, {
      hint: 'Wait again with a longer timeout.',
      field: 'timeoutSeconds',
    }),
  };
}
