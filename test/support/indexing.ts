import { onTestFinished } from 'vitest';
import type { ContentsStatus } from '#shared/contract/contents';
import type { Change } from '#shared/contract/events';
import type { Operations } from '#shared/contract/index';
import type { Engine } from '../../electron/engine/engine';
import { homeIdentity } from '../../electron/engine/host/homeIdentity';
import { asSoonAs, dockerHost, dockerItself, eventually } from './engine';

/** Waits until all snapshots, of this count, are indexed. */
export async function allRead({ contents }: Operations, count: number): Promise<void> {
  await eventually(async () => {
    const { waiting, reading, ready } = await contents.status();
    return ready === count && waiting === 0 && reading === null;
  });
}

/** Waits until the indexing of a snapshot is in progress. */
export async function isBeingRead({ contents }: Operations, snapshotId: string): Promise<void> {
  await asSoonAs(async () => {
    const { reading } = await contents.status();
    return reading?.snapshotId === snapshotId && reading.bytesDone > 0;
  });
}

/** Returns the ids of the snapshots that a search finds. */
export async function found({ contents }: Operations, query: string): Promise<string[]> {
  return (await contents.search({ query })).hits.map(({ snapshotId }) => snapshotId).sort();
}

/** Returns the ids of the reader containers of a home. */
export async function readersOf(home: string, host = dockerHost()): Promise<string[]> {
  const label = [`dev.sandglass.home=${homeIdentity(home)}`, 'dev.sandglass.kind=reader'];
  const all = await dockerItself(host).listContainers({ all: true, filters: { label } });
  return all.map(({ Id }) => Id);
}

/** Collects all changes until the end of the test. */
export function follow({ operations }: Engine): Change[] {
  const changes: Change[] = [];
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  void (async () => {
    const stream = await operations.events.subscribe(undefined, { signal: stop.signal });
    for await (const change of stream) changes.push(change);
  })().catch(() => {});
  return changes;
}

/** Returns the progress of indexing in these changes. */
export function readings(changes: Change[]): Array<NonNullable<ContentsStatus['reading']>> {
  return changes.flatMap((change) =>
    change.type === 'contents' && change.status.reading ? [change.status.reading] : [],
  );
}
