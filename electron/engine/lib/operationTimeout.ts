import { SandglassError } from '#shared/errors';

/**
 * Options of p-timeout for a caller that waits for an operation: a `timeout` error after so many
 * seconds, while the operation continues.
 *
 * @param state what has not happened yet, e.g. `"web" is not ready`
 */
export function operationTimeout(seconds: number, state: string) {
  const message = `${state} within ${seconds} s; the work goes on.`;
  return {
    milliseconds: seconds * 1000,
    message: new SandglassError('timeout', message, {
      hint: 'Wait again, with a longer timeout.',
      field: 'timeoutSeconds',
    }),
  };
}
