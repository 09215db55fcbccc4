import { EventPublisher } from '@orpc/server';
import type { Change } from '#shared/contract/events';

/** Changes buffered for a slow stream reader; the oldest are dropped first. */
const MAX_BACKLOG = 10_000;

/** Broadcasts changes of the engine's state to its listeners. */
export class Changes {
  private readonly publisher = new EventPublisher<{ change: Change }>({
    maxBufferedEvents: MAX_BACKLOG,
  });

  announce(change: Change): void {
    this.publisher.publish('change', change);
  }

  /** Subscribes a listener. Returns the function that unsubscribes it. */
  listen(listener: (change: Change) => void): () => void {
    return this.publisher.subscribe('change', listener);
  }

  /** Streams all changes from now on, until the signal aborts. */
  stream(signal?: AbortSignal): AsyncGenerator<Change, void, void> {
    return this.publisher.subscribe('change', { signal });
  }
}
