import { EventPublisher } from '@orpc/server';
import type { Change } from '#shared/contract/events';

/** A listener that reads slower than this many changes behind loses the oldest ones. */
const BACKLOG = 10_000;

/** Where the engine announces what changed, to any number of listeners. */
export class Changes {
  private readonly publisher = new EventPublisher<{ change: Change }>({
    maxBufferedEvents: BACKLOG,
  });

  announce(change: Change): void {
    this.publisher.publish('change', change);
  }

  /** Calls back on each change; returns a function that ends it. */
  listen(listener: (change: Change) => void): () => void {
    return this.publisher.subscribe('change', listener);
  }

  /** All changes from now until the signal aborts. */
  stream(signal?: AbortSignal): AsyncGenerator<Change, void, void> {
    return this.publisher.subscribe('change', { signal });
  }
}
