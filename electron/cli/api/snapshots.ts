import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { type SnapshotWire, snapshotWire } from '../../api/wire/snapshots';
import { Failure } from '../failure';
import { type ApiClient, segment } from './client';

const MOST_ON_A_PAGE = 500;
/** Milliseconds. */
const ASK_EVERY = 200;

/** @throws Failure with the reason when it cannot be made */
export async function untilReady(
  api: ApiClient,
  id: string,
  signal?: AbortSignal,
): Promise<SnapshotWire> {
  for (;;) {
    const snapshot = await findSnapshot(api, id);
    if (snapshot.status === 'ready') return snapshot;
    if (snapshot.status === 'failed') {
      throw new Failure(snapshot.status_message ?? 'The snapshot could not be made.', {
        type: 'ResourceCreationError',
      });
    }
    await sleep(ASK_EVERY, null, { signal });
  }
}

/** By its id, its name or name:tag. @throws Failure */
export function findSnapshot(api: ApiClient, reference: string): Promise<SnapshotWire> {
  return api.json(`/snapshots/${segment(reference)}`, snapshotWire);
}

/** All of them, page by page. */
export async function allSnapshots(api: ApiClient, nameContains?: string): Promise<SnapshotWire[]> {
  const found: SnapshotWire[] = [];
  const page = z.object({ snapshots: z.array(snapshotWire) });
  for (;;) {
    const { snapshots } = await api.json('/snapshots', page, {
      query: { limit: MOST_ON_A_PAGE, offset: found.length, name_contains: nameContains },
    });
    found.push(...snapshots);
    if (snapshots.length < MOST_ON_A_PAGE) return found;
  }
}
