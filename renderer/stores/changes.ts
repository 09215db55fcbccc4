import type { ContentsStatus } from '#shared/contract/contents';
import type { Change } from '#shared/contract/events';
import type { Snapshot } from '#shared/contract/snapshots';
import { operations } from '../api/operations';
import { removeById, replaceAll, upsert } from './collection';
import { setContents } from './contents';
import { setEngineStatus } from './engine';
import { useLocalApi } from './localApi';
import { dropUnfinishedPictures } from './pictures';
import { useRegistries } from './registries';
import { useSandboxes } from './sandboxes';
import { useSettings } from './settings';
import { useSnapshots } from './snapshots';
import { appendToLog, useTasks } from './tasks';
import { useTerminals } from './terminals';

/** Milliseconds before a broken change stream is reopened. */
const RETRY_MS = 1000;
/** Milliseconds that changes are batched for: one frame. */
const MIN_BATCH_MS = 16;
/** Upper bound of the batch interval, which grows with the time that rendering takes. Milliseconds. */
const MAX_BATCH_MS = 300;
/** Snapshots per request: the maximum that the operation accepts. */
const PAGE_SIZE = 500;

/** Loads the stores and keeps them up to date for the lifetime of the window. */
export function followChanges(): void {
  void (async () => {
    for (;;) {
      try {
        // Subscribing before loading the lists leaves no gap between the two.
        const changes = await operations.events.subscribe();
        const iterator = changes[Symbol.asyncIterator]();
        const first = iterator.next();
        await loadAll();
        for (let next = await first; !next.done; next = await iterator.next()) enqueue(next.value);
      } catch (thrown) {
        console.warn('The change stream broke; reopening it.', thrown);
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  })();
}

async function loadAll(): Promise<void> {
  const [status, contents, localApi, settings, sandboxes, registries, tasks, terminals, snapshots] =
    await Promise.all([
      operations.engine.status(),
      operations.contents.status(),
      operations.localApi.status(),
      operations.settings.get(),
      operations.sandboxes.list(),
      operations.registries.list(),
      operations.tasks.list(),
      operations.terminals.list(),
      allSnapshots(),
    ]);
  setEngineStatus(status);
  setContents(contents, []);
  useLocalApi.setState({ status: localApi });
  useSettings.setState(settings);
  useSandboxes.setState({ items: sandboxes, loaded: true });
  useRegistries.setState({ items: registries, loaded: true });
  useTasks.setState({ items: tasks, loaded: true });
  useTerminals.setState({ items: terminals, loaded: true });
  useSnapshots.setState({ items: snapshots, loaded: true });
  dropUnfinishedPictures();
}

async function allSnapshots(): Promise<Snapshot[]> {
  const all: Snapshot[] = [];
  for (;;) {
    const page = await operations.snapshots.list({ limit: PAGE_SIZE, offset: all.length });
    all.push(...page.snapshots);
    if (page.snapshots.length < PAGE_SIZE) return all;
  }
}

let pending: Change[] = [];
let batchMs = MIN_BATCH_MS;

/** Queues a change. Bursts, such as one change per snapshot after a reconnect, are applied as a batch. */
function enqueue(change: Change): void {
  if (pending.length === 0) window.setTimeout(applyPending, batchMs);
  pending.push(change);
}

function applyPending(): void {
  const changes = pending;
  pending = [];
  const began = performance.now();
  let contents: ContentsStatus | null = null;
  const indexedIds: string[] = [];
  const snapshots = new Map<string, Snapshot | null>();
  for (const change of changes) {
    if (change.type === 'snapshot') snapshots.set(change.snapshot.id, change.snapshot);
    else if (change.type === 'snapshot.removed') snapshots.set(change.id, null);
    else if (change.type === 'contents') {
      contents = change.status;
      if (change.snapshotId !== null) indexedIds.push(change.snapshotId);
    } else apply(change);
  }
  if (contents) setContents(contents, indexedIds);
  if (snapshots.size > 0) replaceAll(useSnapshots, snapshots);
  // Runs after React has rendered the batch.
  window.setTimeout(() => {
    batchMs = Math.min(MAX_BATCH_MS, Math.max(MIN_BATCH_MS, 3 * (performance.now() - began)));
  });
}

type SingleChange = Exclude<Change, { type: 'snapshot' | 'snapshot.removed' | 'contents' }>;

type ChangeListener = (change: SingleChange) => void;

const listeners: ChangeListener[] = [];

/** Registers a listener for single changes, called before each is applied to its store. */
export function onChange(listener: ChangeListener): void {
  listeners.push(listener);
}

function apply(change: SingleChange): void {
  for (const listener of listeners) listener(change);
  switch (change.type) {
    case 'engine':
      setEngineStatus(change.status);
      break;
    case 'localApi':
      useLocalApi.setState({ status: change.status });
      break;
    case 'settings':
      useSettings.setState(change.settings);
      break;
    case 'sandbox':
      upsert(useSandboxes, change.sandbox);
      break;
    case 'sandbox.removed':
      removeById(useSandboxes, change.id);
      break;
    case 'terminal':
      upsert(useTerminals, change.terminal);
      break;
    case 'terminal.removed':
      removeById(useTerminals, change.id);
      break;
    case 'task':
      upsert(useTasks, change.task);
      break;
    case 'task.log':
      appendToLog(change.id, change.text);
      break;
    case 'registry':
      upsert(useRegistries, change.registry);
      break;
    case 'registry.removed':
      removeById(useRegistries, change.id);
      break;
    case 'task.removed':
      removeById(useTasks, change.id);
      break;
  }
}
