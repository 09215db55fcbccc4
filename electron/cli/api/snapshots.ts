import { setTimeout as sleep } from 'node:timers/promises';
import { MAX_PAGE_SIZE } from '../../api/wire/listing';
import { type SnapshotWire, snapshotListWire, snapshotWire } from '../../api/wire/snapshots';
import { Failure } from '../failure';
import { type ApiClient, segment } from './client';

/** Milliseconds. */
const POLL_INTERVAL_MS = 200;

/**
 * Polls until a snapshot is ready.
 *
 * @throws Failure with the reason if it could not be created
 */
export async function waitUntilReady(
  api: ApiClient,
  id: string,
  signal?: AbortSignal,
): Promise<SnapshotWire> {
  for (;;) {
    const snapshot = await findSnapshot(api, id);
    if (snapshot.status === 'ready') return snapshot;
    if (snapshot.status === 'failed') {
      throw new Failure(snapshot.status_message ?? 'The snapshot could not be created.', {
        type: 'ResourceCreationError',
      });
    }
    await sleep(POLL_INTERVAL_MS, null, { signal });
  }
}

/** Finds a snapshot by id, name or name:tag. @throws Failure */
export function findSnapshot(api: ApiClient, reference: string): Promise<SnapshotWire> {
  return api.json(`/snapshots/${segment(reference)}`, snapshotWire);
}

/** All snapshots, fetched page by page. */
export async function allSnapshots(api: ApiClient, nameContains?: string): Promise<SnapshotWire[]> {
  const found: SnapshotWire[] = [];
  for (;;) {
    const { snapshots } = await api.json('/snapshots', snapshotListWire, {
      query: { limit: MAX_PAGE_SIZE, offset: found.length, name_contains: nameContains },
    });
    found.push(...snapshots);
    if (snapshots.length < MAX_PAGE_SIZE) return found;
  }
}
