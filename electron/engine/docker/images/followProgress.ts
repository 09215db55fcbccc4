import type Docker from 'dockerode';
import { type CallContext, fromDocker, fromRegistryMessage } from '../errors';

/**
 * Reads a progress stream (newline-delimited JSON) to its end and returns its events. Docker reports
 * errors within the stream, under HTTP status 200.
 *
 * @throws SandglassError for the first `error` event, or when the connection is lost
 */
export function followProgress<T extends { error?: string }>(
  docker: Docker,
  stream: NodeJS.ReadableStream,
  context: CallContext,
  onEvent?: (event: T) => void,
): Promise<T[]> {
  return new Promise((resolve, reject) => {
    const onEnd = (error: Error | null, events: T[]) => {
      const message = error?.message ?? events.find((event) => event.error)?.error;
      if (message === undefined) return resolve(events);
      reject(
        fromRegistryMessage(message, context, error) ??
          fromDocker({ statusCode: 500, message }, context),
      );
    };
    docker.modem.followProgress(stream, onEnd, onEvent);
  });
}
